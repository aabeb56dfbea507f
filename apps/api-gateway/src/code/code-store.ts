// Where is uploaded code kept, and how does it get there whole or not at all?
import { createReadStream } from 'node:fs';
import { access, mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { ServiceUnavailableException } from '@nestjs/common';
import { limits } from '#contracts';
import { Refusal } from '#decider';
import { codePath } from '#layout';
import { isPassingFailure, type FileTree } from '#storage';
import { ArchiveReader, type ArchiveFacts, type CodeFile } from './archive.ts';

export interface StoredCode {
  readonly revision: string;
  readonly sizeBytes: number;
  readonly open: () => Promise<Readable>;
}

/** No user can be called so: uploads under way, which a crash leaves behind and the next start clears. */
const incoming = '.incoming';

export class CodeStore {
  constructor(
    private readonly root: string,
    /** The folder itself, last; before it the store that code is kept in, if there is one. */
    private readonly trees: readonly FileTree[],
  ) {}

  async start(): Promise<void> {
    await rm(join(this.root, incoming), { recursive: true, force: true });
    await mkdir(join(this.root, incoming), { recursive: true });
  }

  /** Checked while it arrives; on disk under its revision before this resolves. Of a refused one nothing is kept. */
  async keep(user: string, project: string, upload: AsyncIterable<Buffer>): Promise<ArchiveFacts> {
    const temporary = join(this.root, incoming, randomUUID());
    const reader = new ArchiveReader();
    try {
      const file = await open(temporary, 'wx', 0o600);
      const facts = await receive(upload, file, reader).finally(() => file.close());
      await this.#place(temporary, codePath(user, project, facts.revision));
      return facts;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw new ServiceUnavailableException('the disk for code is full: nothing of the upload was kept', { cause: error });
      if (isPassingFailure(error)) throw new ServiceUnavailableException('the store of the code does not answer: nothing of the upload was kept; try again in a moment', { cause: error });
      throw error;
    } finally {
      reader.destroy();
      await rm(temporary, { force: true });
    }
  }

  /** `commit` is a revision, or the start of one that fits no other. */
  async find(user: string, project: string, commit: string): Promise<StoredCode> {
    if (!/^[0-9a-f]{7,64}$/.test(commit)) throw notFound(commit, 'a revision is given by 7 to 64 hexadecimal digits');
    const folder = dirname(codePath(user, project, commit.padEnd(64, '0')));
    const found = new Map<string, StoredCode>();
    for (const tree of this.trees) {
      for (const { name, sizeBytes } of (await tree.children(folder)).files) {
        const revision = name.slice(0, 64);
        if (!name.startsWith(commit) || !/^[0-9a-f]{64}\.tar\.gz$/.test(name) || found.has(revision)) continue;
        found.set(revision, { revision, sizeBytes, open: () => tree.read(`${folder}/${name}`) });
      }
    }
    const [first] = found.values();
    if (first === undefined) throw notFound(commit, 'no upload has this revision');
    if (found.size > 1) throw notFound(commit, `${found.size} revisions start so`);
    return first;
  }

  /** What is in an upload, by path; it was checked when it came. */
  async files(user: string, project: string, revision: string): Promise<ReadonlyMap<string, CodeFile>> {
    const { open } = await this.find(user, project, revision);
    const reader = new ArchiveReader();
    try {
      for await (const chunk of await open()) await reader.write(chunk as Buffer);
      await reader.end();
      return reader.contents;
    } finally {
      reader.destroy();
    }
  }

  async #place(temporary: string, path: string): Promise<void> {
    const [store, ...others] = this.trees;
    if (store && others.length > 0) {
      if (!(await store.stat(path))) await store.write(path, createReadStream(temporary));
      return;
    }
    const target = join(this.root, path);
    if (await access(target).then(() => true, () => false)) return; // the same files
    await mkdir(dirname(target), { recursive: true });
    await rename(temporary, target);
    await syncFolder(dirname(target));
  }
}

async function receive(upload: AsyncIterable<Buffer>, file: FileHandle, reader: ArchiveReader): Promise<ArchiveFacts> {
  let received = 0;
  for await (const chunk of upload) {
    received += chunk.length;
    if (received > limits.uploadBytes)
      throw new Refusal('upload-too-large', `the upload is larger than ${limits.uploadBytes / 1024 / 1024} MiB`, 'list what is not needed in .polyaxonignore');
    await Promise.all([file.appendFile(chunk), reader.write(chunk)]);
  }
  const facts = await reader.end();
  await file.sync();
  return facts;
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  await folder.sync().finally(() => folder.close());
}

function notFound(commit: string, why: string): Refusal {
  return new Refusal('code-not-found', `there is no code ${commit}: ${why}`, 'polyaxon upload');
}
