/** A platform's words without our secrets: some platforms repeat the request in their refusal. */
export function redact(words: string, secrets: readonly string[]): string {
  let clean = words;
  // Shorter values (an empty token, a test's "x") would blacken ordinary words.
  for (const secret of secrets) if (secret.length >= 6) clean = clean.replaceAll(secret, '***');
  return clean;
}
