/** WeChat Pay's own side of the keys: the merchant it knows, its public key, and platform certificates that take over from one another. */
import { createCipheriv, createPrivateKey, createPublicKey, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCertificate } from '../../sandbox/certificate.ts';

type Pair = { readonly publicKey: string; readonly privateKey: string };
type Kept = { readonly merchant: Pair; readonly publicKey: Pair; readonly certificates: { readonly serial: string; readonly pair: Pair }[]; readonly apiV3Key: string };
const pair = (): Pair => generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
const serial = (): string => `5${randomBytes(19).toString('hex').toUpperCase()}1`;
const YEAR_MS = 365 * 86_400_000;

function keptIn(dataDir: string): Kept {
  const file = join(dataDir, 'wechat-pay-keys.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Kept;
  const made: Kept = { merchant: pair(), publicKey: pair(), certificates: [{ serial: serial(), pair: pair() }], apiV3Key: randomBytes(16).toString('hex') };
  writeFileSync(file, JSON.stringify(made), { mode: 0o600 });
  return made;
}

export function makePlatform(dataDir: string) {
  const kept = keptIn(dataDir);
  const publicKeyId = 'PUB_KEY_ID_0119000000012024010100000000000000';
  let mode: 'certificate' | 'publicKey' = 'publicKey';
  const newest = () => kept.certificates.at(-1)!;
  const encrypted = (text: string): Record<string, string> => {
    const nonce = randomBytes(6).toString('hex');
    const cipher = createCipheriv('aes-256-gcm', Buffer.from(kept.apiV3Key), Buffer.from(nonce)).setAAD(Buffer.from('certificate'));
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return { algorithm: 'AEAD_AES_256_GCM', nonce, associated_data: 'certificate', ciphertext: body.toString('base64') };
  };
  const certificateOf = (one: Kept['certificates'][number], now: Date): string => makeCertificate({ serial: one.serial, subject: { C: 'CN', O: 'Tenpay.com', CN: 'Tenpay.com sign' }, issuer: { C: 'CN', CN: 'stand-in CA' }, publicKey: createPublicKey(one.pair.publicKey), issuerKey: createPrivateKey(one.pair.privateKey), from: new Date(now.getTime() - YEAR_MS), to: new Date(now.getTime() + YEAR_MS) });
  return {
    merchant: { ...kept.merchant, serialNo: '3775B6A45ACD588826D15E583A95F5DD00000001' }, apiV3Key: kept.apiV3Key, publicKeyId, publicKey: kept.publicKey.publicKey,
    use: (next: 'certificate' | 'publicKey'): void => { mode = next; },
    /** A new certificate signs from now on; the list still has the old one. */
    rotate: (): void => void kept.certificates.push({ serial: serial(), pair: pair() }),
    listed: (now: Date) => kept.certificates.slice(-2).map((one) => ({ serial_no: one.serial, effective_time: new Date(now.getTime() - YEAR_MS).toISOString(), expire_time: new Date(now.getTime() + YEAR_MS).toISOString(), encrypt_certificate: encrypted(certificateOf(one, now)) })),
    signed: (text: string, seconds: number): Record<string, string> => {
      const nonce = randomBytes(16).toString('hex');
      const [id, key] = mode === 'certificate' ? [newest().serial, newest().pair.privateKey] : [publicKeyId, kept.publicKey.privateKey];
      return { 'wechatpay-timestamp': String(seconds), 'wechatpay-nonce': nonce, 'wechatpay-serial': id, 'wechatpay-signature': createSign('sha256WithRSAEncryption').update([String(seconds), nonce, text, ''].join('\n')).sign(key, 'base64') };
    },
  };
}
