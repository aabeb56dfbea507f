// Does a folder of a volume keep what a tree of files promises, links and full disks included?
import { execFileSync } from 'node:child_process';
import {
  chmodSync, closeSync, existsSync, linkSync, lstatSync, mkdirSync, mkdtempSync, openSync, readdirSync,
  readFileSync, renameSync, rmSync, statSync, symlinkSync, truncateSync, utimesSync, writeFileSync, writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileTreeContract } from '#testing';
import { openStorage, type FileTree } from '../index.ts';

const fresh = (): string => mkdtempSync(join(tmpdir(), 'volume-'));

fileTreeContract('a volume', async () => {
  const root = fresh();
  return { tree: await openStorage({ kind: 'volume', root }), close: async () => rmSync(root, { recursive: true }) };
});

describe('a volume', () => {
  let outside: string;
  let root: string;
  let tree: FileTree;
  const path = (...segments: string[]): string => join(root, ...segments);
  const write = (name: string, content: string | Buffer): void => {
    mkdirSync(join(path(name), '..'), { recursive: true });
    writeFileSync(path(name), content);
  };
  beforeEach(async () => {
    root = fresh();
    outside = fresh();
    writeFileSync(join(outside, 'secret'), 'of another tenant');
    tree = await openStorage({ kind: 'volume', root });
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
    rmSync(outside, { recursive: true });
  });

  describe('with links and pipes among the outputs', () => {
    beforeEach(() => {
      write('23/model', 'weights');
      symlinkSync(join(outside, 'secret'), path('23/file-link'));
      symlinkSync(outside, path('23/folder-link'));
      symlinkSync('../../..', path('23/up'));
      symlinkSync('nowhere', path('23/dangling'));
      execFileSync('mkfifo', [path('23/pipe')]);
    });

    it('never shows them', async () => {
      expect(await tree.children('23')).toEqual({ files: [{ name: 'model', sizeBytes: 7 }], folders: [] });
      expect(await tree.usage('23')).toEqual({ files: 1, sizeBytes: 7, skippedLinks: 5 });
    });

    it('never follows them', async () => {
      await expect(tree.read('23/file-link')).rejects.toMatchObject({ code: 'path-invalid' });
      for (const link of ['23/folder-link/secret', '23/up/etc/passwd', '23/folder-link/new/file']) {
        await expect(tree.read(link)).rejects.toMatchObject({ code: 'path-invalid' });
        await expect(tree.stat(link)).rejects.toMatchObject({ code: 'path-invalid' });
        await expect(tree.write(link, Buffer.from('x'))).rejects.toMatchObject({ code: 'path-invalid' });
      }
      for (const link of ['23/dangling', '23/dangling/new']) await expect(tree.makeFolder(link)).rejects.toMatchObject({ code: 'path-invalid' });
      await expect(tree.remove('23/folder-link/x')).rejects.toMatchObject({ code: 'path-invalid' });
      expect(await tree.stat('23/pipe')).toBeNull();
      await expect(tree.read('23/pipe')).rejects.toMatchObject({ code: 'path-not-found' });
    });

    it('copies everything but them, and counts them', async () => {
      expect(await tree.copyFolder('23', '31')).toMatchObject({ files: 1, skippedLinks: 5 });
      expect(readdirSync(path('31'))).toEqual(['model']);
      expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('of another tenant');
    });

    it('archives everything but them', async () => {
      const archive = join(outside, 'archive.tgz');
      writeFileSync(archive, await buffer(await tree.archive('23')));
      expect(execFileSync('tar', ['tzf', archive], { encoding: 'utf8' })).toBe('model\n');
    });

    it('archives files that grow and shrink meanwhile, and what comes after them', async () => {
      for (const name of ['a-grows', 'b-shrinks', 'c-stays']) write(`23/${name}`, Buffer.alloc(8 * 1024 * 1024, name));
      const stream = await tree.archive('23');
      const [archive] = await Promise.all([buffer(stream), new Promise<void>((resolve) => stream.once('readable', resolve)).then(() => {
        truncateSync(path('23/a-grows'), 20 * 1024 * 1024);
        truncateSync(path('23/b-shrinks'), 5);
      })]);
      writeFileSync(join(outside, 'archive.tgz'), archive);
      execFileSync('tar', ['xzf', join(outside, 'archive.tgz'), '-C', outside]);
      expect(readFileSync(join(outside, 'c-stays')).equals(Buffer.alloc(8 * 1024 * 1024, 'c-stays'))).toBe(true);
      expect(readFileSync(join(outside, 'model'), 'utf8')).toBe('weights');
    });

    it('removes them, and not what they lead to', async () => {
      await tree.remove('23');
      expect(readdirSync(outside)).toEqual(['secret']);
    });
  });

  describe('copies', () => {
    it('modes, times, and empty folders', async () => {
      write('23/run.sh', '#!/bin/sh');
      mkdirSync(path('23/eval/empty'), { recursive: true });
      chmodSync(path('23/run.sh'), 0o750);
      chmodSync(path('23/eval'), 0o500);
      utimesSync(path('23/run.sh'), 1_700_000_000.5, 1_700_000_000.25);
      await tree.copyFolder('23', '31');
      expect(statSync(path('31/run.sh'))).toMatchObject({ mode: 0o100750, mtimeMs: 1_700_000_000_250 });
      expect(statSync(path('31/eval')).mode).toBe(0o040500);
      expect(statSync(path('31/eval/empty')).isDirectory()).toBe(true);
      await tree.remove('31');
      expect(existsSync(path('31'))).toBe(false);
    });

    it('without sharing: a resumed run rewrites its files in place', async () => {
      write('23/model', 'weights');
      linkSync(path('23/model'), path('23/best'));
      await tree.copyFolder('23', '31');
      writeFileSync(path('31/model'), 'changed');
      expect(readFileSync(path('23/model'), 'utf8')).toBe('weights');
      expect(readFileSync(path('31/best'), 'utf8')).toBe('weights');
    });

    it('whatever a name means to others', async () => {
      for (const name of ['back\\slash', 'new\nline', 'e\u0301', '..x', ' ', '*']) write(`23/${name}`, name);
      await tree.copyFolder('23', '31', { verify: 'full' });
      expect(readdirSync(path('31')).sort()).toEqual(readdirSync(path('23')).sort());
    });

    it('nothing when a name is not UTF-8, and says so', async () => {
      write('23/model', 'weights');
      writeFileSync(Buffer.concat([Buffer.from(`${path('23')}/latin-`), Buffer.from([0xe9])]), 'x');
      await expect(tree.copyFolder('23', '31')).rejects.toMatchObject({ reason: 'name-invalid' });
      expect(await tree.usage('23')).toMatchObject({ files: 1, skippedLinks: 1 });
    });

    it('not what the platform left half-written in the source', async () => {
      write('23/model', 'weights');
      write('23/.x.polyaxon.tmp', 'half');
      await tree.copyFolder('23', '31');
      expect(readdirSync(path('31'))).toEqual(['model']);
    });

    it('only what is not right yet, after a copier died', async () => {
      for (let file = 0; file < 20; file += 1) write(`23/f${file}`, `content ${file}`);
      for (let file = 0; file < 20; file += 1) utimesSync(path(`23/f${file}`), 1_700_000_000, 1_700_000_000);
      await tree.copyFolder('23', '31');
      renameSync(path('31'), path('.31.polyaxon.tmp')); // as it is just before it shows
      truncateSync(path('.31.polyaxon.tmp/f1'), 3);
      writeFileSync(path('.31.polyaxon.tmp/f2'), 'CONTENT 2');
      utimesSync(path('.31.polyaxon.tmp/f2'), 1_700_000_000, 1_700_000_000); // looks right, isn't: never reached the disk
      writeFileSync(path('.31.polyaxon.tmp/gone'), 'no longer in the source');
      const kept = lstatSync(path('.31.polyaxon.tmp/f3')).ino;
      await tree.copyFolder('23', '31');
      expect(lstatSync(path('31/f3')).ino).toBe(kept);
      execFileSync('diff', ['-r', path('23'), path('31')]);
    });
  });

  describe('when a copier was only paused, and another has taken over', () => {
    it('goes on with what is right in a folder of its own, which the former one can not find', async () => {
      for (let file = 0; file < 5; file += 1) write(`23/f${file}`, `content ${file}`);
      for (let file = 0; file < 5; file += 1) utimesSync(path(`23/f${file}`), 1_700_000_000, 1_700_000_000);
      await tree.copyFolder('23', '31');
      renameSync(path('31'), path('.31.polyaxon.2.tmp')); // of the second attempt, as it is just before it shows
      const open = openSync(path('.31.polyaxon.2.tmp/f1'), 'r+'); // the former one is writing here
      truncateSync(path('.31.polyaxon.2.tmp/f1'), 3);
      write('.31.polyaxon.tmp/f9', 'of the first attempt');
      const kept = lstatSync(path('.31.polyaxon.2.tmp/f3')).ino;
      await tree.copyFolder('23', '31', { attempt: 4 });
      writeSync(open, 'late words', 0);
      closeSync(open);
      expect(lstatSync(path('31/f3')).ino).toBe(kept);
      execFileSync('diff', ['-r', path('23'), path('31')]);
      expect(readdirSync(path()).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    });

    it('leaves nothing of any attempt when the target is removed', async () => {
      for (const attempt of ['', '2.', '17.']) write(`.31.polyaxon.${attempt}tmp/f`, 'half');
      write('.310.polyaxon.2.tmp/f', 'of another');
      await tree.remove('31');
      expect(readdirSync(path())).toEqual(['.310.polyaxon.2.tmp']);
    });
  });

  describe('when the copy cannot be made', () => {
    const isRoot = process.getuid?.() === 0;
    it('has nothing left of it, and an untouched source, on a full disk', async () => {
      if (!isRoot || !mounted(path())) return console.warn('skipped: mounting a small file system takes root');
      try {
        write('23/model', Buffer.alloc(3 * 1024 * 1024, 1));
        const failed = { name: 'CopyFailed', reason: 'disk-full', message: expect.not.stringContaining(root) };
        await expect(tree.copyFolder('23', '31')).rejects.toMatchObject(failed);
        expect(readdirSync(path())).toEqual(['23']);
        expect(statSync(path('23/model')).size).toBe(3 * 1024 * 1024);
      } finally {
        execFileSync('umount', [path()]);
      }
    });

    it('says so when the source changes under it', async () => {
      for (let file = 0; file < 400; file += 1) write(`23/f${file}`, Buffer.alloc(4096));
      const copying = tree.copyFolder('23', '31');
      const writing = setInterval(() => write('23/f399', `${performance.now()}`), 1);
      try {
        await expect(copying).rejects.toMatchObject({ reason: 'source-changed', message: expect.stringContaining('f399') });
      } finally {
        clearInterval(writing);
      }
      expect(readdirSync(path())).toEqual(['23']);
    });

    it('stops within 100 ms when it is cancelled, in the middle of a file', async () => {
      write('23/model', Buffer.alloc(256 * 1024 * 1024, 1));
      const cancel = new AbortController();
      const copying = tree.copyFolder('23', '31', { signal: cancel.signal }).catch((error: unknown) => error);
      while (!existsSync(path('.31.polyaxon.tmp/model'))) await new Promise(setImmediate);
      const start = performance.now();
      cancel.abort();
      expect(await copying).toMatchObject({ reason: 'cancelled' });
      expect(performance.now() - start).toBeLessThan(100);
      expect(readdirSync(path())).toEqual(['23']);
    });
  });
});

/** Whether there is now a file system of 4 MiB. */
function mounted(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
