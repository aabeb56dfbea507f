// What may a polyaxonfile hold, for editors? Writes docs/polyaxonfile.schema.json from the shapes that the parser itself goes by.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = resolve(fileURLToPath(import.meta.url), '../../..');
const { polyaxonfileSchema } = await import(pathToFileURL(join(root, 'dist/libs/polyaxonfile/src/index.js')));
writeFileSync(process.argv[2] ?? join(root, 'docs/polyaxonfile.schema.json'), `${JSON.stringify(polyaxonfileSchema(), null, 2)}\n`);
