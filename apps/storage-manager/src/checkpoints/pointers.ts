// What has the text file `checkpoint`, in which TensorFlow keeps the name of the latest, to say when that one is set aside?
import type { FileTree } from '#storage';
import type { FoundCheckpoint } from './find-checkpoints.ts';
import { folderOf, nameOf, peekBytesMax } from './recogniser.ts';

export interface Rewritten {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** Where it names one that isn't there any more, TensorFlow finds none at all and begins at zero, without a word. */
export async function pointersOf(
  tree: FileTree, outputsPath: string, all: readonly FoundCheckpoint[], { offered, setAside }: { offered: FoundCheckpoint | null; setAside: readonly FoundCheckpoint[] },
): Promise<Rewritten[]> {
  const isTensorflow = ({ framework }: FoundCheckpoint): boolean => framework === 'tensorflow';
  const folders = new Set([...setAside.filter(isTensorflow), ...all.filter(({ isPointer }) => isPointer)].map(({ path }) => folderOf(path)));
  const left = all.filter((one) => isTensorflow(one) && one.complete && !setAside.includes(one));
  const rewritten: Rewritten[] = [];
  for (const folder of folders) {
    const here = left.filter(({ path }) => folderOf(path) === folder);
    const latest = offered && here.includes(offered) ? offered : here[0];
    const path = folder === '' ? 'checkpoint' : `${folder}/checkpoint`;
    const before = latest && (await textOf(tree, `${outputsPath}/${path}`));
    if (!before) continue;
    const after = pointingTo(before, nameOf(latest.path), here.map((one) => nameOf(one.path)));
    if (after !== before) rewritten.push({ path, before, after });
  }
  return rewritten;
}

/** The others it names stay when they are there; the times stand in the same order as the names. */
export function pointingTo(text: string, latest: string, there: readonly string[]): string {
  const lines = text.split('\n');
  const valuesOf = (key: string): string[] => lines.flatMap((line) => (line.startsWith(`${key}: `) ? [line.slice(key.length + 2)] : []));
  const times = valuesOf('all_model_checkpoint_timestamps');
  const kept = valuesOf('all_model_checkpoint_paths')
    .map((quoted, index) => ({ name: nameOf(quoted.replaceAll('"', '')), time: times[index] }))
    .filter(({ name }) => there.includes(name) && name !== latest);
  const latestTime = times[valuesOf('all_model_checkpoint_paths').findIndex((quoted) => nameOf(quoted.replaceAll('"', '')) === latest)] ?? times.at(-1);
  const all = [...kept, { name: latest, time: latestTime }];
  const rest = lines.filter((line) => line !== '' && !/^(model_checkpoint_path|all_model_checkpoint_(paths|timestamps)): /.test(line));
  return [
    `model_checkpoint_path: "${latest}"`,
    ...all.map(({ name }) => `all_model_checkpoint_paths: "${name}"`),
    ...(times.length > 0 ? all.map(({ time = '0' }) => `all_model_checkpoint_timestamps: ${time}`) : []),
    ...rest,
    '',
  ].join('\n');
}

async function textOf(tree: FileTree, path: string): Promise<string | undefined> {
  const file = await tree.stat(path);
  if (!file || file.sizeBytes > peekBytesMax) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of await tree.read(path)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
