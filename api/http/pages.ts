import { existsSync } from 'node:fs';
import { join } from 'node:path';
import express, { type Express } from 'express';

/** The browser desk at /workbench and the add-in's own files at /addin; both are built into `dist`. */
export function servePages(app: Express, dist: string): void {
  const options = { index: 'index.html', etag: true, maxAge: 0, setHeaders: (r: { setHeader(n: string, v: string): unknown }) => void r.setHeader('Cache-Control', 'no-cache') };
  for (const name of ['workbench', 'addin'] as const) {
    if (existsSync(join(dist, name))) app.use(`/${name}`, express.static(join(dist, name), options));
  }
  app.get('/', (_request, response) => response.redirect('/workbench/'));
}
