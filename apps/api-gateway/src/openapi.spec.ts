// Is what is checked in as docs/openapi.json what the gateway says of itself?
import { readFile } from 'node:fs/promises';
import type { OpenAPIObject } from '@nestjs/swagger';
import { previewOpenApi } from './preview-openapi.ts';

it('is the same; `node dist/apps/api-gateway/src/write-openapi.js docs/openapi.json` writes it anew', async () => {
  const made = JSON.parse(await previewOpenApi()) as OpenAPIObject;
  const checkedIn = JSON.parse(await readFile(new URL('../../../docs/openapi.json', import.meta.url), 'utf8')) as OpenAPIObject;
  expect(made).toEqual(checkedIn);
}, 60_000);
