// What is checked in as docs/openapi.json? `node dist/apps/api-gateway/src/write-openapi.js docs/openapi.json` writes it.
import 'reflect-metadata';
import { writeFile } from 'node:fs/promises';
import { previewOpenApi } from './preview-openapi.ts';

const [, , target = 'docs/openapi.json'] = process.argv;
await writeFile(target, await previewOpenApi());
