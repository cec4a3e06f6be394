/** What stands on a slip; one page each, in the order given. Texts are as the person may see them (masked or whole). */
export type SlipView = {
  readonly parcelId: string;
  readonly orderNumbers: readonly string[];
  readonly shopName: string;
  readonly warehouseName: string;
  readonly courierCode: string;
  readonly trackingNumber: string;
  readonly receiver: { readonly name: string; readonly phone: string; readonly province: string; readonly city: string; readonly district: string; readonly address: string };
  readonly lines: readonly { readonly skuCode: string; readonly name: string; readonly quantity: number; readonly gift?: boolean }[];
  readonly buyerMessage: string;
  readonly memo: string;
  /** How often it was printed, this time included; above 1 it is marked as a reprint. */
  readonly printCount: number;
  readonly printedAt: string;
  /** What the courier's sorters read (三段码, 大头笔, 集包地), and what its QR code holds; absent on numbers of the seller's own. */
  readonly courier?: { readonly sortingCode: string; readonly bulkPen: string; readonly gatherPlace: string; readonly qr: string };
};
