/** Small X.509 certificates for stand-ins (RFC 5280, DER by hand): Node can read them but not make them. */
import { createSign, type KeyObject } from 'node:crypto';

const tlv = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const n = body.length;
  const size = n < 0x80 ? Buffer.from([n]) : n < 0x100 ? Buffer.from([0x81, n]) : Buffer.from([0x82, n >> 8, n & 0xff]);
  return Buffer.concat([Buffer.from([tag]), size, body]);
};
const seq = (...parts: readonly Buffer[]): Buffer => tlv(0x30, ...parts);
const oid = (hex: string): Buffer => tlv(0x06, Buffer.from(hex, 'hex'));
/** sha256WithRSAEncryption. */
const RSA_SHA256 = seq(oid('2a864886f70d01010b'), tlv(0x05));
const PARTS = { C: '550406', O: '55040a', OU: '55040b', CN: '550403' } as const;
export type Name = Readonly<Partial<Record<keyof typeof PARTS, string>>>;
const nameOf = (name: Name): Buffer => seq(...Object.entries(name).map(([part, text]) => tlv(0x31, seq(oid(PARTS[part as keyof typeof PARTS]), tlv(0x0c, Buffer.from(text, 'utf8'))))));
const time = (at: Date): Buffer => tlv(0x17, Buffer.from(`${at.toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`));

export type CertificateInput = { readonly serial: string; readonly subject: Name; readonly issuer: Name; readonly publicKey: KeyObject; readonly issuerKey: KeyObject; readonly from: Date; readonly to: Date };
/** `serial` in hex. The answer is PEM. */
export function makeCertificate(c: CertificateInput): string {
  const serial = Buffer.from(c.serial.length % 2 ? `0${c.serial}` : c.serial, 'hex');
  const number = tlv(0x02, serial[0]! & 0x80 ? Buffer.concat([Buffer.from([0]), serial]) : serial);
  const signed = seq(tlv(0xa0, tlv(0x02, Buffer.from([2]))), number, RSA_SHA256, nameOf(c.issuer), seq(time(c.from), time(c.to)), nameOf(c.subject), c.publicKey.export({ type: 'spki', format: 'der' }) as Buffer);
  const signature = createSign('RSA-SHA256').update(signed).sign(c.issuerKey);
  const der = seq(signed, RSA_SHA256, tlv(0x03, Buffer.from([0]), signature));
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/(.{64})/g, '$1\n').trimEnd()}\n-----END CERTIFICATE-----\n`;
}
