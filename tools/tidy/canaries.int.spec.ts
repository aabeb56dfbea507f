// Do the rules bite? A copy of the house gets one file for every rule it must not break, and the tools must name each.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const bin = (path: string) => join(root, 'node_modules', path);

type Canary = readonly [rule: string, file: string, text: string];

const forEslint: readonly Canary[] = [
  ['@nx/enforce-module-boundaries', 'libs/layout/src/canary-1.ts', `import { EventStore } from '#event-store';\nexport const x = EventStore;\n`],
  ['@nx/enforce-module-boundaries', 'apps/scheduler/src/canary-2.ts', `import { create } from '../../api-gateway/src/experiment/create.ts';\nexport const x = create;\n`],
  ['no-restricted-properties', 'libs/decider/src/canary-3.ts', `export const x = Date.now();\n`],
  ['no-restricted-syntax', 'apps/api-gateway/src/experiment/canary-4.ts', `export const x = new Date();\n`],
  ['no-restricted-syntax', 'libs/storage/src/canary-5.ts', `export * from './paths.ts';\n`],
  ['@typescript-eslint/no-floating-promises', 'libs/storage/src/canary-6.ts', `Promise.resolve(1);\nexport {};\n`],
  ['@typescript-eslint/switch-exhaustiveness-check', 'libs/layout/src/canary-7.ts', `export function f(x: 'a' | 'b'): void {\n  switch (x) {\n    case 'a':\n  }\n}\n`],
];

const forDependencyCruiser: readonly Canary[] = [
  ['decisions-are-pure', 'apps/log-collector/src/run/decider.ts', `import { readFileSync } from 'node:fs';\nexport const x = readFileSync;\n`],
  ['pure-libs-stay-pure', 'libs/contracts/src/canary-1.ts', `import { randomUUID } from 'node:crypto';\nexport const x = randomUUID;\n`],
  ['pure-libs-know-only-pure-libs', 'libs/layout/src/canary-2.ts', `import { EventStore } from '#event-store';\nexport const x = EventStore;\n`],
  ['only-the-event-store-and-views-speak-postgres', 'apps/scheduler/src/canary-3.ts', `import pg from 'pg';\nexport const x = pg;\n`],
  ['libs-know-no-nest-but-service-host', 'libs/storage/src/canary-4.ts', `import { Module } from '@nestjs/common';\nexport const x = Module;\n`],
  ['apps-never-import-apps', 'apps/cli/src/canary-5.ts', `import { create } from '../../api-gateway/src/experiment/create.ts';\nexport const x = create;\n`],
  ['libs-never-import-apps', 'libs/storage/src/canary-6.ts', `import { create } from '../../../apps/api-gateway/src/experiment/create.ts';\nexport const x = create;\n`],
  ['libs-only-through-their-index', 'apps/cli/src/canary-7.ts', `import { experimentPath } from '../../../libs/layout/src/layout.ts';\nexport const x = experimentPath;\n`],
  ['only-specs-use-testing', 'apps/cli/src/canary-8.ts', `import { until } from '#testing';\nexport const x = until;\n`],
  ['no-circular', 'libs/storage/src/canary-9.ts', `import { y } from './canary-10.ts';\nexport const x = () => y;\n`],
  ['no-orphans', 'libs/storage/src/canary-11.ts', `export const x = 1;\n`],
  ['only-shipped-packages', 'libs/storage/src/canary-8.ts', `import fc from 'fast-check';\nexport const x = fc;\n`],
  ['not-to-spec', 'libs/storage/src/canary-12.ts', `import './canary.spec.ts';\nexport const x = 1;\n`],
];
const beside: readonly Canary[] = [
  ['no-circular', 'libs/storage/src/canary-10.ts', `import { x } from './canary-9.ts';\nexport const y = () => x;\n`],
  ['not-to-spec', 'libs/storage/src/canary.spec.ts', 'export {};\n'],
];

/** Canaries never touch the house that others work in. */
function copyOfTheHouse(canaries: readonly Canary[]): string {
  const house = mkdtempSync(join(tmpdir(), 'canaries-'));
  const kept = ['apps', 'libs', 'tsconfig.json', 'tsconfig.base.json', 'package.json', 'nx.json', 'eslint.config.mjs', '.dependency-cruiser.cjs', '.gitignore'];
  for (const name of kept) execFileSync('cp', ['-r', join(root, name), house]);
  execFileSync('ln', ['-s', join(root, 'node_modules'), join(house, 'node_modules')]);
  for (const [, file, text] of canaries) {
    execFileSync('mkdir', ['-p', dirname(join(house, file))]);
    writeFileSync(join(house, file), `// A canary: is it refused?\n${text}`);
  }
  return house;
}

function node(house: string, ...args: string[]): { said: string; status: number | null } {
  const env = { ...process.env, NX_DAEMON: 'false', FORCE_COLOR: '0', NX_WORKSPACE_ROOT_PATH: house };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: house, env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return { said: stdout + stderr, status };
}

const houses: string[] = [];
afterAll(() => {
  for (const house of houses) rmSync(house, { recursive: true, force: true });
});

describe('eslint', () => {
  let found: { filePath: string; messages: { ruleId: string | null }[] }[];
  beforeAll(() => {
    const house = copyOfTheHouse(forEslint);
    houses.push(house);
    node(house, bin('nx/dist/bin/nx.js'), 'show', 'projects');
    const { said } = node(house, bin('eslint/bin/eslint.js'), '--format', 'json', ...forEslint.map(([, file]) => file));
    expect(said).not.toContain('No cached ProjectGraph'); // the boundary rule would be skipped, silently
    found = JSON.parse(said.slice(said.indexOf('['), said.lastIndexOf(']') + 1));
  });
  it.each(forEslint)('%s bites on %s', (rule, file) => {
    const messages = found.find(({ filePath }) => filePath.endsWith(`/${file}`))?.messages ?? [];
    expect(messages.map(({ ruleId }) => ruleId)).toContain(rule);
  });
});

describe('dependency-cruiser', () => {
  let violations: { from: string; rule: { name: string } }[];
  beforeAll(() => {
    const house = copyOfTheHouse([...forDependencyCruiser, ...beside]);
    houses.push(house);
    const { said } = node(house, bin('dependency-cruiser/bin/dependency-cruise.mjs'), 'libs', 'apps', '--output-type', 'json');
    violations = (JSON.parse(said) as { summary: { violations: typeof violations } }).summary.violations;
  });
  it.each(forDependencyCruiser)('%s bites on %s', (rule, file) => {
    const onPair = rule === 'no-circular' ? 'libs/storage/src/canary-10.ts' : file;
    const names = violations.filter(({ from }) => from === file || from === onPair).map(({ rule: { name } }) => name);
    expect(names).toContain(rule);
  });
});

describe('the compiler', () => {
  it('refuses a topology that forgets an event', () => {
    const forgetful = `import type { Topology } from '#messaging';\nexport const t: Topology = { service: 'scheduler', owns: [], consumes: { 'logs.events': { LogsArchived: 'ignore', LogsDeleted: 'ignore' } } };\n`;
    const house = copyOfTheHouse([['', 'apps/scheduler/src/canary.ts', forgetful]]);
    houses.push(house);
    const { said, status } = node(house, bin('typescript/bin/tsc'), '-p', 'tsconfig.json', '--pretty', 'false');
    expect(status).not.toBe(0);
    expect(said).toMatch(/canary\.ts\(3,[\s\S]*LogsArchiveFailed/);
  });
});
