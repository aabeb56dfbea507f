// How is a program brought to go on from one checkpoint, and from no other?
import type { Attempt, CheckpointOffer, CheckpointSetAside, ExperimentId } from '#contracts';
import type { FileTree } from '#storage';
import { choose } from './choose.ts';
import { findCheckpoints, summaryOf, type FoundCheckpoint } from './find-checkpoints.ts';
import { pointersOf, type Rewritten } from './pointers.ts';

export interface OfferRequest {
  readonly experimentId: ExperimentId;
  /** A later one was asked for by nobody: where nobody can know from what to go on, everything stays where it is. */
  readonly attempt: Attempt;
  readonly outputsPath: string;
  readonly from: string | null;
  /** Somebody insisted: everything stays where it is. */
  readonly forced: boolean;
}

export type OfferCheckpoint = (request: OfferRequest) => Promise<CheckpointOffer>;

/** Nothing can be gone on from, and nobody insisted. */
export class NothingWhole extends Error {}

/** Written before anything is moved, and followed by whoever takes over: what was decided stays so, and a person can read it. */
interface Note extends CheckpointOffer {
  readonly moves: readonly { readonly from: string; readonly to: string }[];
  readonly rewritten: readonly Rewritten[];
}

/** Files are moved within the outputs path, so that they can be moved back; none is deleted. */
export function offerFrom(tree: FileTree): OfferCheckpoint {
  return async (request) => {
    const { experimentId, attempt, outputsPath, forced } = request;
    const folder = `.polyaxon/set-aside/${experimentId}${attempt > 1 ? `-${attempt}` : ''}`;
    const place = `${outputsPath}/${folder}/note.json`;
    const earlier = await readNote(tree, place);
    const note = earlier ?? (await decide(tree, folder, request));
    if (!earlier && note.moves.length + note.rewritten.length > 0) await tree.write(place, Buffer.from(`${JSON.stringify(note, null, 2)}\n`));
    for (const { from: path, to } of note.moves) await tree.move(`${outputsPath}/${path}`, `${outputsPath}/${to}`);
    for (const { path, before, after } of note.rewritten) {
      await tree.write(`${outputsPath}/${folder}/${path}`, Buffer.from(before));
      await tree.write(`${outputsPath}/${path}`, Buffer.from(after));
    }
    const { offered, parts, setAside } = note;
    return { offered, parts, setAside, ...(forced && { forced }) };
  };
}

async function decide(tree: FileTree, folder: string, { outputsPath, attempt, from, forced }: OfferRequest): Promise<Note> {
  const { checkpoints } = await findCheckpoints(tree, outputsPath);
  const { offered, setAside, problem } = choose(checkpoints, from);
  if (problem && !((forced || attempt > 1) && problem.code === 'checkpoints-damaged')) throw new NothingWhole(problem.message);
  const given = { offered: offered && summaryOf(offered), parts: offered?.parts ?? [] };
  if (forced && from === null) return { ...given, setAside: [], moves: [], rewritten: [] };
  const moves = setAside.flatMap((one) => pathsOf(one).map((path) => ({ from: path, to: `${folder}/${path}` })));
  const told = setAside.map(({ path, step, problem: why }): CheckpointSetAside => ({ path, step, problem: why, to: folder }));
  const rewritten = await pointersOf(tree, outputsPath, checkpoints, { offered, setAside });
  return { ...given, setAside: told, moves, rewritten };
}

/** A folder goes as a whole: a program that looks for folders must not find an empty one. */
function pathsOf({ path, framework, parts }: FoundCheckpoint): readonly string[] {
  return framework === 'huggingface' || (framework === 'pytorch-distributed' && path !== '.') ? [path] : parts;
}

async function readNote(tree: FileTree, place: string): Promise<Note | null> {
  if (!(await tree.stat(place))) return null;
  const chunks: Buffer[] = [];
  for await (const chunk of await tree.read(place)) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Note;
}
