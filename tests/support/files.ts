import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { ROOT } from '../house/source.ts';
import type { Answer, TestService } from './service.ts';

export type Given = { readonly name: string; readonly bytes: Uint8Array };
export type Bad = { readonly row: number; readonly column: string; readonly code: string; readonly words: { readonly zh: string; readonly en: string } };
export type Found = { readonly name: string; readonly kind: string; readonly format: string; readonly channel: string; readonly rows: number; readonly counts: { new: number; changed: number; same: number; bad: number }; readonly bad: readonly Bad[]; readonly lacks: readonly string[] };
export type Refused = { readonly code: string; readonly title: string; readonly detail: string; readonly errors: readonly { readonly row: number; readonly column: string; readonly code: string; readonly message: string }[] };

export const shelf = (name: string): string => join(ROOT, 'tests/files', name);
export const file = (name: string): Given => ({ name, bytes: new Uint8Array(readFileSync(shelf(name))) });
export const textFile = (name: string, text: string, encoding = 'utf8'): Given => ({ name, bytes: new Uint8Array(iconv.encode(text, encoding)) });
/** The text of a file on the shelf, whatever it is encoded in. */
export const textOf = (name: string, encoding: string): string => iconv.decode(readFileSync(shelf(name)), encoding).replace(/^\uFEFF/, '');

/** What the pane does: a form with files, previewed or imported. */
export function send(test: TestService, files: readonly Given[], { preview = false } = {}): Promise<Answer<{ preview: boolean; files: Found[] } & Refused>> {
  const form = new FormData();
  for (const f of files) form.append('files', new Blob([f.bytes as Uint8Array<ArrayBuffer>]), f.name);
  return test.call('POST', `/api/v1/imports${preview ? '?preview=true' : ''}`, form);
}
export async function rows<T>(test: TestService, noun: string): Promise<T[]> {
  return (await test.call<{ rows: T[] }>('GET', `/api/v1/${noun}?limit=5000`)).body.rows;
}
