// Is the house tidy? What no reader should have to look for.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' }).split('\n').filter((file) => file && existsSync(join(root, file)));
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const code = files.filter((file) => /\.(tsx?|mjs)$/.test(file));
const prose = files.filter((file) => file.endsWith('.md'));
/** What breaks a rule, each with its place; the test shows the whole list. */
const offences = (some: string[], broken: (text: string, file: string) => boolean) => some.filter((file) => broken(read(file), file));

describe('the house', () => {
  it('says in the first line of every file which question it answers', () =>
    expect(offences(code, (text) => !/^(#!.*\n)?\/\/ .{12,}/.test(text))).toEqual([]));
  it('has no line that must be scrolled', () => expect(offences(code.filter((file) => !file.includes('/generated/')), (text) => text.split('\n').some((line) => line.length > 220))).toEqual([]));
  it('leaves nothing to do without saying where', () => expect(offences(code, (text) => /\b(TODO|FIXME|XXX|HACK)\b/.test(text.replace(/\/\\b\(.*/, '')))).toEqual([]));
  it('has no drawer for everything', () => expect(files.filter((file) => /(^|\/)(common|utils?|helpers?|shared|core|misc)(\/|\.[a-z]+$)/.test(file))).toEqual([]));
  it('names no machine, no registry and no secret', () => {
    const told = /(["'`( ]\/(work|root\/\.|home\/(?!runs|outputs|logs)[a-z]+)\/|registry\.npmjs|BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16})/;
    expect(offences(files.filter((file) => !/package-lock\.json$|tidy\.spec\.ts$/.test(file) && !/\.(png|gz|csv)$/.test(file)), (text) => told.test(text))).toEqual([]);
  });
  it('has one headline a document', () =>
    expect(offences(prose, (text) => (text.replaceAll(/```[\s\S]*?```/g, '').match(/^# /gm) ?? []).length !== 1)).toEqual([]));
  it('has the same three files in every service', () => {
    for (const service of ['api-gateway', 'scheduler', 'storage-manager', 'log-collector'])
      for (const file of ['main.ts', `${service}.module.ts`, 'topology.ts']) expect(files).toContain(`apps/${service}/src/${file}`);
  });
});

describe('what is generated', () => {
  it('event schemas are those of the types', () => {
    const scratch = mkdtempSync(join(tmpdir(), 'tidy-'));
    try {
      const target = join(scratch, 'event-schemas.ts');
      execFileSync(process.execPath, [join(root, 'tools/generate/event-schemas.mjs'), target], { cwd: root });
      expect(readFileSync(target, 'utf8')).toBe(read('libs/contracts/src/generated/event-schemas.ts'));
    } finally {
      rmSync(scratch, { recursive: true });
    }
  }, 60_000);
});

it('every variable a service reads is told to its operators', () => {
  const documented = read('docs/configuration.md');
  const named = new Set(code.filter((file) => /^apps\/.*configuration\.ts$|^apps\/supervisor\/src\//.test(file) && !file.includes('.spec.')).flatMap((file) => read(file).match(/\bPOLYAXON_[A-Z_]+\b/g) ?? []));
  expect([...named].filter((name) => !documented.includes(name))).toEqual([]);
});
