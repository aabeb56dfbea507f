// Which archives are code, and when are two of them the same code?
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { Header } from 'tar';
import { ArchiveReader, type ArchiveFacts } from './archive.ts';

interface Member {
  readonly path: string;
  readonly content?: string;
  readonly type?: string;
  readonly mode?: number;
  readonly linkpath?: string;
  readonly mtime?: Date;
}

/** Bytes written by hand, since no honest program would write some of these. */
function tar(members: readonly Member[]): Buffer {
  const blocks = members.flatMap(({ path, content = '', type = 'File', mode = 0o644, linkpath, mtime }) => {
    const header = new Header({ path, type: type as 'File', mode, size: Buffer.byteLength(content), ...(linkpath && { linkpath }), ...(mtime && { mtime }) });
    const block = Buffer.alloc(512);
    header.encode(block, 0);
    const body = Buffer.alloc(Math.ceil(Buffer.byteLength(content) / 512) * 512);
    body.write(content);
    return [block, body];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

async function read(archive: Buffer, { portion = 1000, unpackedBytes = 1e9, entries = 1000 } = {}): Promise<ArchiveFacts> {
  const reader = new ArchiveReader({ unpackedBytes, entries });
  for (let start = 0; start < archive.length; start += portion) await reader.write(archive.subarray(start, start + portion));
  return reader.end();
}

const readTar = (members: readonly Member[], options = {}) => read(gzipSync(tar(members)), options);

describe('a revision', () => {
  const files: Member[] = [{ path: './train.py', content: 'print(1)' }, { path: './lib/a.py', content: 'x' }, { path: 'run.sh', content: '#!', mode: 0o755 }];

  it('is the same for the same files, in whatever order, at whatever time, with folders or without', async () => {
    const { revision, files: count, sizeBytes } = await readTar(files);
    const others = [{ path: 'lib/', type: 'Directory' }, ...files.toReversed().map((file) => ({ ...file, path: file.path.replace('./', ''), mtime: new Date(0), mode: file.mode ?? 0o600 }))];
    expect(await readTar(others)).toEqual({ revision, files: count, sizeBytes });
    expect(revision).toMatch(/^[0-9a-f]{64}$/);
    expect({ count, sizeBytes }).toEqual({ count: 3, sizeBytes: 11 });
  });

  it('is another one for other contents, names or executable bits', async () => {
    const variants = [files, [{ ...files[0], content: 'print(2)' }, ...files.slice(1)], [{ ...files[0], path: 'train2.py' }, ...files.slice(1)], [{ ...files[0], mode: 0o755 }, ...files.slice(1)], files.slice(1)];
    const revisions = await Promise.all(variants.map(async (variant) => (await readTar(variant as Member[])).revision));
    expect(new Set(revisions).size).toBe(variants.length);
  });

  it('does not depend on the portions it arrives in', async () => {
    const archive = gzipSync(tar([...files, { path: 'big', content: 'a\n'.repeat(50_000) }]));
    const { revision } = await read(archive, { portion: archive.length });
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: archive.length }), async (portion) => (await read(archive, { portion })).revision === revision), { numRuns: 20 });
  });
});

describe('an archive is refused', () => {
  const refused = (members: readonly Member[], options = {}) => expect(readTar(members, options)).rejects;
  const upload = (what: RegExp) => expect.objectContaining({ code: 'upload-invalid', message: expect.stringMatching(what) as string }) as Error;

  it('for links and devices', async () => {
    await refused([{ path: 'a', type: 'SymbolicLink', linkpath: '/etc/passwd' }]).toEqual(upload(/"a" is a symbolic link/));
    await refused([{ path: 'x', content: '1' }, { path: 'a', type: 'Link', linkpath: 'x' }]).toEqual(upload(/"a" is a hard link/));
    await refused([{ path: 'a', type: 'CharacterDevice' }]).toEqual(upload(/CharacterDevice/));
    await refused([{ path: 'a', type: 'FIFO' }]).toEqual(upload(/FIFO/));
  });

  it('for names that lead elsewhere', async () => {
    await refused([{ path: '/etc/passwd', content: 'x' }]).toEqual(upload(/"\/etc\/passwd" is an absolute path/));
    await refused([{ path: 'a/../../b', content: 'x' }]).toEqual(upload(/leads out/));
    await refused([{ path: '..', type: 'Directory' }]).toEqual(upload(/leads out/));
    await refused([{ path: 'a/'.repeat(70) + 'b', content: 'x' }]).toEqual(upload(/too deep/));
  });

  it('for names that take the place of others', async () => {
    await refused([{ path: 'a', content: '1' }, { path: './a', content: '2' }]).toEqual(upload(/there already/));
    await refused([{ path: 'Readme', content: '1' }, { path: 'README', content: '2' }]).toEqual(upload(/there already, as "Readme"/));
    await refused([{ path: 'caf\u00e9', content: '1' }, { path: 'cafe\u0301', content: '2' }]).toEqual(upload(/there already/));
    await refused([{ path: 'a', content: '1' }, { path: 'a/b', content: '2' }]).toEqual(upload(/there already/));
    await refused([{ path: 'a/b', content: '1' }, { path: 'a', content: '2' }]).toEqual(upload(/there already/));
  });

  it('for being a bomb', async () => {
    await refused([{ path: 'a', content: 'x'.repeat(5000) }], { unpackedBytes: 4000 }).toEqual(upload(/more than 4000 bytes/));
    await refused([{ path: 'a' }, { path: 'b' }, { path: 'c' }], { entries: 2 }).toEqual(upload(/more than 2 files/));
    const zeros = Buffer.alloc(80 * 1024 * 1024);
    const header = tar([{ path: 'zeros', content: '' }]).subarray(0, 512);
    new Header({ path: 'zeros', type: 'File', mode: 0o644, size: zeros.length }).encode(header, 0);
    await expect(read(gzipSync(Buffer.concat([header, zeros])), { portion: 8192 })).rejects.toEqual(upload(/200 times/));
  });

  it('for being no archive, or not a whole one', async () => {
    const whole = gzipSync(tar([{ path: 'a', content: 'x'.repeat(3000) }]));
    await expect(read(Buffer.from('hello'))).rejects.toEqual(upload(/gzip/));
    await expect(read(Buffer.alloc(0))).rejects.toEqual(upload(/.*/));
    await expect(read(tar([{ path: 'a', content: 'x' }]))).rejects.toEqual(upload(/gzip/));
    await expect(read(gzipSync(Buffer.from('hello'.repeat(1000))))).rejects.toEqual(upload(/tar/));
    await expect(read(whole.subarray(0, whole.length - 20))).rejects.toEqual(upload(/gzip/));
    await expect(read(gzipSync(tar([{ path: 'a', content: 'x'.repeat(3000) }]).subarray(0, 1024)))).rejects.toEqual(upload(/tar/));
    await refused([]).toEqual(upload(/no files|tar/));
  });

  it('whatever the bytes are, and never for another reason', async () => {
    const bytes = [...gzipSync(tar([{ path: 'a', content: 'x'.repeat(600) }, { path: 'b/c', content: 'y' }]))];
    const broken = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(broken, async (changes) => {
        const archive = Buffer.from(bytes);
        for (const [index, value] of changes) archive[index] = value;
        await read(archive).catch((error: { code?: string }) => expect(error.code).toBe('upload-invalid'));
      }),
      { numRuns: 200 },
    );
  });
});
