/** Alipay's side of the keys: the app it knows, its own pair, and certificates under a root of its own, which take over from one another. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCertificate, type Name } from '../../sandbox/certificate.ts';

type Pair = { readonly publicKey: string; readonly privateKey: string };
type Kept = { readonly merchantPrivateKey: string; readonly merchantPublicKey: string; readonly alipayPrivateKey: string; readonly alipayPublicKey: string };
const pair = (): Pair => generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
const ROOT: Name = { C: 'CN', O: 'Ant Financial', OU: 'Certification Authority', CN: 'Stand-in Certification Authority R1' };
const CLASS_1: Name = { ...ROOT, CN: 'Stand-in Certification Authority Class 1 R1' };
const FROM = new Date('2020-01-01T00:00:00Z');
const TO = new Date('2045-01-01T00:00:00Z');

/** Kept, so that a stand-in that is started again still knows its merchant. */
export function keptKeys(dataDir: string): Kept {
  const file = join(dataDir, 'alipay-keys.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Kept;
  const [merchant, alipay] = [pair(), pair()];
  const keys: Kept = { merchantPrivateKey: merchant.privateKey, merchantPublicKey: merchant.publicKey, alipayPrivateKey: alipay.privateKey, alipayPublicKey: alipay.publicKey };
  writeFileSync(file, JSON.stringify(keys), { mode: 0o600 });
  return keys;
}

type Issued = { readonly sn: string; readonly pem: string; readonly privateKey: string };
export type Certified = { readonly appCert: string; readonly appSn: string; readonly rootCert: string; readonly rootSn: string; readonly alipay: Issued; readonly chainOf: (sn: string) => string | undefined; readonly current: () => Issued; readonly rotate: (stray: boolean) => void };
/** The serial number in Alipay's sense, from what this file itself has put in. */
const snOf = (issuer: Name, serial: string): string => createHash('md5').update(`${Object.entries(issuer).reverse().map(([k, v]) => `${k}=${v}`).join(',')}${BigInt(`0x${serial}`)}`).digest('hex');

/** Made when first asked for, anew in every process: nothing in them has to outlive it. */
export function certify(keys: Kept): Certified {
  const [root, class1, strayRoot] = [pair(), pair(), pair()];
  const signBy = (subject: Name, issuer: Name, serial: string, publicKey: string, by: Pair): string => makeCertificate({ serial, subject, issuer, publicKey: createPublicKey(publicKey), issuerKey: createPrivateKey(by.privateKey), from: FROM, to: TO });
  const rootPem = signBy(ROOT, ROOT, '10a1', root.publicKey, root);
  const class1Pem = signBy(CLASS_1, ROOT, '10a2', class1.publicKey, root);
  const issued: Issued[] = [];
  const issue = (own: Pair, by: Pair): Issued => {
    const serial = `2020${(0x1000 + issued.length).toString(16)}`;
    const made = { sn: snOf(CLASS_1, serial), pem: signBy({ C: 'CN', O: 'Alipay', CN: 'Alipay sign' }, CLASS_1, serial, own.publicKey, by), privateKey: own.privateKey };
    issued.push(made);
    return made;
  };
  const alipay = issue({ publicKey: keys.alipayPublicKey, privateKey: keys.alipayPrivateKey }, class1);
  return {
    appCert: signBy({ C: 'CN', O: '示例商家', CN: '2088-app' }, CLASS_1, '10b1', keys.merchantPublicKey, class1), appSn: snOf(CLASS_1, '10b1'), rootCert: rootPem, rootSn: snOf(ROOT, '10a1'), alipay,
    chainOf: (sn) => { const one = issued.find((i) => i.sn === sn); return one ? `${one.pem}${class1Pem}` : undefined; },
    current: () => issued.at(-1)!,
    // A stray one names the right issuer, which has not signed it.
    rotate: (stray) => void issue(pair(), stray ? strayRoot : class1),
  };
}
