/** Certificate mode: the serial numbers that Alipay asks for, and whether a certificate comes from its root. Rule as in alipay-sdk 4.14 (MIT), `antcertutil`. */
import { createHash, X509Certificate } from 'node:crypto';

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
export const pemBlocks = (text: string): string[] => text.match(BLOCK) ?? [];

/** MD5 of the issuer (last part first, `CN=…,OU=…,O=…,C=…`) and the serial number in decimal. */
export function certificateSn(pem: string): string {
  const certificate = new X509Certificate(pem);
  const issuer = certificate.issuer.split('\n').reverse().join(',');
  return createHash('md5').update(issuer + BigInt(`0x${certificate.serialNumber}`).toString(10)).digest('hex');
}
/** The root file holds several certificates; only those that are signed with RSA count, joined by `_`. */
export const rootSn = (text: string): string => pemBlocks(text).filter(isRsaSigned).map(certificateSn).join('_');
export const publicKeyIn = (pem: string): string => new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'pem' }) as string;

/** Object identifiers that start with 1.2.840.113549.1.1, in DER. */
const RSA = Buffer.from('2a864886f70d0101', 'hex');
function isRsaSigned(pem: string): boolean {
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const whole = element(der, 0);
  const signed = element(der, whole.start);
  const algorithm = element(der, signed.end);
  const name = element(der, algorithm.start);
  return der.subarray(name.start, name.start + RSA.length).equals(RSA);
}
function element(der: Buffer, at: number): { readonly start: number; readonly end: number } {
  const short = der[at + 1] ?? 0;
  if (short < 0x80) return { start: at + 2, end: at + 2 + short };
  const size = der.readUIntBE(at + 2, short & 0x7f);
  return { start: at + 2 + (short & 0x7f), end: at + 2 + (short & 0x7f) + size };
}

/** The first certificate, when the ones behind it lead to the root; undefined when they do not, or when it is not in force. */
export function trusted(chainText: string, rootText: string, now: Date): string | undefined {
  const roots = pemBlocks(rootText).filter(isRsaSigned).map((p) => new X509Certificate(p));
  const chain = pemBlocks(chainText);
  let at = chain[0];
  for (const next of [...chain.slice(1), undefined]) {
    if (at === undefined) return undefined;
    const certificate = new X509Certificate(at);
    if (new Date(certificate.validFrom) > now || new Date(certificate.validTo) < now) return undefined;
    if (roots.some((r) => r.subject === certificate.issuer && certificate.verify(r.publicKey))) return chain[0];
    if (next === undefined || !certificate.verify(new X509Certificate(next).publicKey)) return undefined;
    at = next;
  }
  return undefined;
}
