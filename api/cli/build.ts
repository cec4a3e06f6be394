/** `npm run build`: bundles add-in and workbench into `dist`, as the first `npm start` does by itself. */
import { fileURLToPath } from 'node:url';
import { buildAddin } from '../../addin/build.ts';

await buildAddin({ outDir: fileURLToPath(new URL('../../dist', import.meta.url)), minify: true });
