import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { invariant } from '../contract/values/result.ts';

export type Secrets = {
  /** Text → `v1.<iv>.<tag>.<ciphertext>`: AES-256-GCM under the company key. Empty text stays empty. */
  readonly seal: (text: string) => string;
  /** Throws when the text was sealed under another key or was changed. */
  readonly open: (sealed: string) => string;
  /** Keyed HMAC (base64url): the same text gives the same mark; nothing can be read back. Used for identity and search. */
  readonly fingerprint: (text: string) => string;
};

/** Secrets under a key of 32 bytes; encryption and fingerprints use keys derived from it apart. */
export function makeSecrets(key: Buffer): Secrets {
  invariant(key.length >= 32, 'the company key has at least 32 bytes');
  const derived = (info: string): Buffer => Buffer.from(hkdfSync('sha256', key, 'suanpan', info, 32));
  const sealing = derived('seal');
  const marking = derived('fingerprint');
  return {
    seal: (text) => {
      if (text === '') return '';
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', sealing, iv);
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return ['v1', iv.toString('base64url'), cipher.getAuthTag().toString('base64url'), body.toString('base64url')].join('.');
    },
    open: (sealed) => {
      if (sealed === '') return '';
      const [version, iv, tag, body] = sealed.split('.');
      invariant(version === 'v1' && iv && tag && body !== undefined, 'a sealed text of version v1');
      const decipher = createDecipheriv('aes-256-gcm', sealing, Buffer.from(iv, 'base64url'));
      decipher.setAuthTag(Buffer.from(tag, 'base64url'));
      return Buffer.concat([decipher.update(Buffer.from(body, 'base64url')), decipher.final()]).toString('utf8');
    },
    fingerprint: (text) => createHmac('sha256', marking).update(text).digest('base64url'),
  };
}

/** The key from the environment (base64, hex or a long pass phrase), else from a file that is made with mode 600. */
export function loadKey(fromEnvironment: string, dataDir: string): Buffer {
  if (fromEnvironment) {
    const decoded = /^[0-9a-f]{64}$/i.test(fromEnvironment) ? Buffer.from(fromEnvironment, 'hex') : Buffer.from(fromEnvironment, 'base64');
    return decoded.length >= 32 ? decoded : Buffer.from(hkdfSync('sha256', fromEnvironment, 'suanpan', 'pass phrase', 32));
  }
  const file = join(dataDir, 'suanpan.key');
  if (!existsSync(file)) {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(file, randomBytes(32).toString('base64'), { mode: 0o600, flag: 'wx' });
  }
  chmodSync(file, 0o600);
  return Buffer.from(readFileSync(file, 'utf8').trim(), 'base64');
}
