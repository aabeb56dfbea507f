// Is as little transferred and deleted as possible, and never too little?
import fc from 'fast-check';
import type { OutputsFileBody } from '#contracts';
import { planSync, type LocalFile, type SyncedFile } from './plan-sync.ts';

const file = (path: string, size: number, version = 'v1'): OutputsFileBody => ({ path, size_bytes: size, modified_at: '2026-01-01T00:00:00.000Z', version });
const here = (...files: [string, number, number?][]) => new Map<string, LocalFile>(files.map(([path, sizeBytes, mtimeMs = 1]) => [path, { sizeBytes, mtimeMs }]));
const synced = (path: string, sizeBytes: number, version = 'v1', mtimeMs = 1) => new Map<string, SyncedFile>([[path, { version, sizeBytes, mtimeMs }]]);
const nothing = new Map<string, never>();

it('fetches what is missing or of another size, without a comparison', () => {
  expect(planSync([file('a', 1), file('b', 2)], here(['b', 3]), nothing)).toMatchObject({ fetched: [file('a', 1), file('b', 2)], compared: [], same: 0 });
});

it('looks at nothing that arrived in this version and was left alone since', () => {
  expect(planSync([file('a', 1)], here(['a', 1]), synced('a', 1))).toEqual({ fetched: [], compared: [], same: 1, extra: [] });
});

it.each([
  ['another version', planSync([file('a', 1, 'v2')], here(['a', 1]), synced('a', 1))],
  ['touched here', planSync([file('a', 1)], here(['a', 1, 2]), synced('a', 1))],
  ['from somewhere else', planSync([file('a', 1)], here(['a', 1]), nothing)],
])('compares what is as large: %s', (_, plan) => expect(plan).toMatchObject({ fetched: [], compared: [expect.objectContaining({ path: 'a' })], same: 0 }));

it('tells what is only here, but not what is half here', () => {
  expect(planSync([file('a', 1)], here(['b', 1], ['a.part', 1], ['a.part.json', 9], ['c.part', 1]), nothing).extra).toEqual(['b', 'c.part']);
});

it('accounts for each file of the outputs once, and never takes one of them for extra', () => {
  const paths = fc.constantFrom('a', 'b', 'c/d', 'c/e', 'f.part');
  const files = fc.uniqueArray(fc.record({ path: paths, size: fc.nat(2), version: fc.constantFrom('v1', 'v2') }), { selector: ({ path }) => path });
  const locals = fc.uniqueArray(fc.tuple(paths, fc.nat(2)), { selector: ([path]) => path });
  fc.assert(fc.property(files, locals, locals, (remote, local, known) => {
    const bodies = remote.map(({ path, size, version }) => file(path, size, version));
    const { fetched, compared, same, extra } = planSync(bodies, here(...local), new Map(known.map(([path, sizeBytes]) => [path, { version: 'v1', sizeBytes, mtimeMs: 1 }])));
    expect(fetched.length + compared.length + same).toBe(bodies.length);
    for (const { path } of bodies) expect(extra).not.toContain(path);
  }));
});
