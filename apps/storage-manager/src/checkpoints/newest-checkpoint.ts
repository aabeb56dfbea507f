// When was something last saved from which a training could go on?
import type { FileEntry, FileTree } from '#storage';
import { isUnfinished, recognisers } from './find-checkpoints.ts';

/** By names and times alone: nothing is opened, so that it can be asked for every run, again and again. Null: nothing was. */
export async function newestCheckpoint(tree: FileTree, folder: string): Promise<string | null> {
  const concerned = recognisers.map((): FileEntry[] => []);
  for await (const file of tree.list(folder)) {
    if (isUnfinished(file.path)) continue;
    for (const [index, recogniser] of recognisers.entries()) if (recogniser.concerns(file.path)) concerned[index]?.push(file);
  }
  const files = recognisers.flatMap((recogniser, index) => recogniser.candidates(concerned[index] ?? [])).flatMap((candidate) => candidate.files);
  const newest = files.reduce((latest, { modifiedAt }) => Math.max(latest, Date.parse(modifiedAt)), 0);
  return newest === 0 ? null : new Date(newest).toISOString();
}
