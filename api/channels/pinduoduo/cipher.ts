/**
 * The platform's ciphertexts: never opened here, but read for their index, which is the same for the same plain text in one
 * shop and so says that two orders have one buyer or one receiver (public client with tests, read 2026-11).
 * `~<cipher>~<index>~<version>~~` for texts, `$<index>$<cipher>$<version>$$` for phones and `#…` likewise for ids; without
 * the doubled end there is no index.
 */
export function searchIndex(cipher: string): string {
  const mark = cipher[0] ?? '';
  if (!['~', '$', '#'].includes(mark) || !cipher.endsWith(`${mark}${mark}`)) return '';
  const parts = cipher.slice(1, -2).split(mark);
  if (parts.length !== 3) return '';
  return (mark === '~' ? parts[1] : parts[0]) ?? '';
}
export const isCipher = (text: string): boolean => /^([~$#]).+\1$/.test(text);
