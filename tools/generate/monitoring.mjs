// What do Prometheus and Grafana need to know of us? Writes rules, alerts, dashboards and runbooks, and the tables of docs/observability.md.
// With a folder: there instead; `--runbooks URL --grafana URL`: where yours are; `--home FOLDER`: of the platform that Prometheus asks.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = resolve(fileURLToPath(import.meta.url), '../../..');
const { monitoringFiles, observabilityPage } = await import(join(root, 'dist/tools/monitoring/files.js'));
const { anywhere } = await import(join(root, 'dist/tools/monitoring/prometheus.js'));

const { positionals, values } = parseArgs({ allowPositionals: true, options: { runbooks: { type: 'string' }, grafana: { type: 'string' }, home: { type: 'string' } } });
const target = positionals[0] ?? root;
const { home, ...addresses } = values;
const targets = home && Object.fromEntries(Object.entries(JSON.parse(readFileSync(join(home, 'platform.json'), 'utf8')).ports).map(([service, port]) => [service, [`127.0.0.1:${port}`]]));
const page = 'docs/observability.md';
const files = new Map([...monitoringFiles({ ...anywhere, ...addresses }, targets), [page, observabilityPage(readFileSync(join(root, page), 'utf8'))]]);
for (const folder of ['deploy/grafana', 'docs/runbooks']) rmSync(join(target, folder), { recursive: true, force: true });
for (const [path, text] of files) {
  mkdirSync(dirname(join(target, path)), { recursive: true });
  writeFileSync(join(target, path), text);
}
console.log(`${files.size} files for Prometheus, Grafana and those who are woken -> ${target}`);
