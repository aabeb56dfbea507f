// What is checked in, and made from the code? `npm run generate` makes it again: event schemas, what others may subscribe to, variables, who hears what, the HTTP API, polyaxonfiles, what is watched.
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from '../prepare.mjs';

const root = resolve(fileURLToPath(import.meta.url), '../../..');
const run = (...args) => execFileSync(process.execPath, args, { cwd: root, stdio: 'inherit' });

await prepare();
run('tools/generate/event-schemas.mjs');
await prepare();
run('tools/generate/events.mjs');
run('tools/generate/configuration.mjs');
run('tools/generate/topology.mjs');
run('tools/generate/polyaxonfile-schema.mjs');
run('tools/generate/monitoring.mjs');
run('dist/apps/api-gateway/src/write-openapi.js', 'docs/openapi.json');
