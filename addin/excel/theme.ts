/** Light or dark, as Office is; where Office does not say, as the system is (the style sheet follows it by itself). */
type OfficeTheme = { readonly bodyBackgroundColor?: string };
type Told = { readonly document?: never; readonly officeTheme?: OfficeTheme };

/** Brightness as the eye has it, 0 to 255 (ITU-R BT.601). */
const bright = (hex: string): number => { const n = parseInt(hex.replace('#', ''), 16); return 0.299 * ((n >> 16) & 255) + 0.587 * ((n >> 8) & 255) + 0.114 * (n & 255); };
const of = (theme: OfficeTheme | undefined): 'light' | 'dark' | undefined => (theme?.bodyBackgroundColor && /^#?[0-9a-f]{6}$/i.test(theme.bodyBackgroundColor) ? (bright(theme.bodyBackgroundColor) < 128 ? 'dark' : 'light') : undefined);

/** `Office.context.officeTheme` is there in Office on Windows, Mac and web (OfficeTheme, Common API); older hosts say nothing. */
export function followTheme(tell: (theme: 'light' | 'dark' | undefined) => void): void {
  try {
    tell(of((Office.context as unknown as Told).officeTheme));
  } catch {
    tell(undefined);
  }
}
