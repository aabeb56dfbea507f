// Where does a copy grow, and how does one attempt go on where another was without the two writing one folder?
import { readdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { unfinishedName } from '../paths.ts';
import { removeTree } from './remove-tree.ts';

export function unfinishedOf(target: string, attempt = 1): string {
  return join(dirname(target), unfinishedName(basename(target), attempt));
}

/** What the attempts before have left gets our name: one of them that was only paused finds none of its paths again, and what it still has open is replaced. */
export async function takeOver(target: string, attempt = 1): Promise<void> {
  const ours = unfinishedOf(target, attempt);
  for (let earlier = attempt - 1; earlier >= 1; earlier -= 1) {
    const left = unfinishedOf(target, earlier);
    await rename(left, ours).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      if (error.code === 'ENOTEMPTY' || error.code === 'EEXIST') return removeTree(left);
      throw error;
    });
  }
}

/** Of all attempts. */
export async function removeUnfinished(target: string): Promise<void> {
  const [first, further] = [unfinishedName(basename(target)), new RegExp(`^\\.${escaped(basename(target))}\\.polyaxon\\.\\d+\\.tmp$`)];
  const names = await readdir(dirname(target)).catch((): string[] => []);
  for (const name of names) if (name === first || further.test(name)) await removeTree(join(dirname(target), name));
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
