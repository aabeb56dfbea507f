// Is what is made from the code made from this code?
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const scratch = mkdtempSync(join(tmpdir(), 'polyaxon-generated-'));
afterAll(() => rmSync(scratch, { recursive: true }));

it.each([
  ['docs/configuration.md', 'tools/generate/configuration.mjs'],
  ['ARCHITECTURE.md', 'tools/generate/topology.mjs'],
  ['docs/polyaxonfile.schema.json', 'tools/generate/polyaxonfile-schema.mjs'],
  ['docs/openapi.json', 'dist/apps/api-gateway/src/write-openapi.js'],
])('%s says what the code says; else: npm run generate', (document, generator) => {
  const target = join(scratch, 'generated');
  execFileSync(process.execPath, [generator, target], { cwd: root });
  expect(readFileSync(target, 'utf8')).toBe(readFileSync(join(root, document), 'utf8'));
});

it('what Prometheus, Grafana and those who are woken read says what the code says; else: npm run generate', () => {
  const target = join(scratch, 'monitoring');
  execFileSync(process.execPath, ['tools/generate/monitoring.mjs', target], { cwd: root });
  const folders = ['deploy/grafana', 'deploy/prometheus', 'docs/runbooks'];
  const told = (where: string) => Object.fromEntries(folders.flatMap((folder) => readdirSync(join(where, folder)).map((file) => [`${folder}/${file}`, readFileSync(join(where, folder, file), 'utf8')])));
  expect(told(target)).toEqual(told(root));
  expect(readFileSync(join(target, 'docs/observability.md'), 'utf8')).toBe(readFileSync(join(root, 'docs/observability.md'), 'utf8'));
});

it('docs/events says what the code says; else: npm run generate', () => {
  const target = join(scratch, 'events');
  execFileSync(process.execPath, ['tools/generate/events.mjs', target], { cwd: root });
  const told = (folder: string) => Object.fromEntries(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
  expect(told(target)).toEqual(told(join(root, 'docs/events')));
});
