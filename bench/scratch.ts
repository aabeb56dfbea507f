// Where does a benchmark keep its data, so that nothing of it is left?
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Undo = () => Promise<unknown>;

/** Memory answers the same way every time; a disk doesn't. */
export const inMemory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
export const onDisk = tmpdir();

const left = new Set<Undo>();

/** Runs `work` in a fresh folder; what it starts there is handed to `later`, and undone afterwards in reverse, also when the benchmark is interrupted. */
export async function inScratch<Result>(place: string, work: (folder: string, later: (undo: Undo) => void) => Promise<Result>): Promise<Result> {
  const undos: Undo[] = [];
  const undo = async () => {
    for (let next = undos.pop(); next; next = undos.pop()) await next();
  };
  left.add(undo);
  try {
    const folder = await mkdtemp(join(place, 'polyaxon-bench-'));
    undos.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    return await work(folder, (one) => undos.push(one));
  } finally {
    await undo();
    left.delete(undo);
  }
}

export async function leaveNothing(): Promise<void> {
  await Promise.all([...left].map((undo) => undo()));
}
