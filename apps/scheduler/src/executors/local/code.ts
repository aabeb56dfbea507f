// How does an attempt get the code it was pinned to?
import type { Readable } from 'node:stream';
import type { ExperimentOrder } from '#contracts';
import { codePath } from '#layout';
import { CodeUnusable, unpackCode as unpack, type FileTree } from '#storage';
import { LaunchFailed } from '../executor.ts';

/** Makes `folder`, with exactly that revision in it, or empty when the experiment has no code. It appears whole, and stays when another makes it as well. */
export async function unpackCode(trees: readonly FileTree[], { user, project, codeRevision: revision }: ExperimentOrder, folder: string): Promise<void> {
  try {
    await unpack(folder, { revision, archive: () => archiveOf(trees, codePath(user, project, revision ?? '')) });
  } catch (error) {
    if (error instanceof CodeUnusable) throw new LaunchFailed('code', error.message, { cause: error.cause });
    throw error;
  }
}

/** From where it is first found. */
async function archiveOf(trees: readonly FileTree[], path: string): Promise<Readable | undefined> {
  for (const tree of trees) if (await tree.stat(path)) return tree.read(path);
  return undefined;
}
