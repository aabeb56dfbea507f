// Does code appear once, whole, and where it was, however many unpack it at the same moment?
import { createReadStream, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { create } from 'tar';
import { CodeUnusable, unpackCode, type Unpacking } from './unpack-code.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'unpack-code-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Of a revision with these files. */
function withFiles(...names: readonly string[]): Unpacking {
  const source = mkdtempSync(join(folder, 'source-'));
  for (const name of names) writeFileSync(join(source, name), name);
  const archive = join(folder, `${names.length}.tar.gz`);
  create({ cwd: source, gzip: true, sync: true, file: archive }, ['.']);
  rmSync(source, { recursive: true });
  return { revision: 'r1', archive: async () => createReadStream(archive) };
}

it.each<[string, () => Unpacking, string[]]>([
  ['no code', () => ({ revision: null, archive: async () => undefined }), []],
  ['no code, for a program of another user', () => ({ revision: null, archive: async () => undefined, isForAll: true }), []],
  ['code without a file', () => withFiles(), []],
  ['code', () => withFiles('train.py', 'model.py'), ['model.py', 'train.py']],
])('%s: who has begun in the folder is never moved out of it', async (_, unpacking, files) => {
  const code = join(folder, 'run', 'code');
  mkdirSync(dirname(code));
  const of = unpacking();
  const seen = await Promise.all(Array.from({ length: 20 }, () => unpackCode(code, of).then(() => statSync(code).ino)));
  expect(new Set(seen)).toEqual(new Set([statSync(code).ino]));
  expect([readdirSync(code).sort(), readdirSync(dirname(code))]).toEqual([files, ['code']]);
});

it('is refused when it is gone, and leaves nothing', async () => {
  await expect(unpackCode(join(folder, 'code'), { revision: 'r1', archive: async () => undefined })).rejects.toThrow(CodeUnusable);
  expect(readdirSync(folder)).toEqual([]);
});
