/** Keys come as files with their frame, or as the bare base64 that a platform's console shows. */
export const pemOf = (key: string, kind: 'PRIVATE KEY' | 'PUBLIC KEY' | 'CERTIFICATE'): string =>
  key.includes('-----BEGIN') ? key : `-----BEGIN ${kind}-----\n${key.replace(/\s/g, '').replace(/(.{64})/g, '$1\n')}\n-----END ${kind}-----`;
