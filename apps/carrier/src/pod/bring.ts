// How does all that a program needs get into its pod, before it starts?
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CarryNotes, CheckpointWatch, ClaimLost, CodeUnusable, unpackCode, type PodOrder } from '#storage';
import { CarryRun } from '../carry-run.ts';
import { Gateway, GatewayRefused, reasonOf } from './gateway.ts';

/** The gateway may be away for so long before a program that waits for its code fails. */
const patienceMs = 5 * 60_000;
const retryMs = 1000;

/** From `dist`, where this is compiled to. */
const platform = fileURLToPath(new URL('../../../../../', import.meta.url));

/** No other attempt could have them either. */
export class OutputsUnusable extends Error {}

/** Throws what the program can't start without, `CodeUnusable` or `OutputsUnusable` when no other attempt could either; repeated after a kill, it does what is not done. */
export async function bring(order: PodOrder): Promise<void> {
  process.umask(0); // the program may be run by another user
  await mkdir(order.run, { recursive: true });
  await mkdir(order.notes, { recursive: true });
  await (await open(join(order.run, 'console'), 'a', 0o666)).close();
  await place(join(platform, 'apps/carrier/src/pod/attempt.sh'), join(order.run, 'attempt.sh'));
  await placePython(join(order.run, 'python'));
  await bringCode(order);
  await bringOutputs(order);
  if (order.checkpoint) await new CheckpointWatch().begin(order.notes, order.checkpoint.folder, order.checkpoint.parts, order.checkpoint);
}

async function placePython(folder: string): Promise<void> {
  const name = 'polyaxon_client';
  const from = join(platform, 'clients/python', name);
  await mkdir(join(folder, name), { recursive: true });
  for (const file of await readdir(from)) if (file.endsWith('.py')) await place(join(from, file), join(folder, name, file));
}

async function place(from: string, to: string): Promise<void> {
  await copyFile(from, `${to}.part`);
  await rename(`${to}.part`, to);
}

export async function bringCode({ code, run, notes, tokenFile }: Pick<PodOrder, 'code' | 'run' | 'notes' | 'tokenFile'>): Promise<void> {
  const folder = join(run, 'code');
  if (code === null) return unpackCode(folder, { revision: null, archive: async () => undefined, isForAll: true });
  const file = join(notes, 'code.tar.gz');
  await patiently(`its code, revision ${code.revision}, could not be fetched`, () => new Gateway(tokenFile).download(code.address, file));
  await unpackCode(folder, { revision: code.revision, archive: async () => createReadStream(file), isForAll: true });
  await rm(file, { force: true });
}

async function bringOutputs({ carry, notes: folder }: PodOrder): Promise<void> {
  if (carry === null) return;
  const notes = new CarryNotes(join(folder, 'carry'));
  await notes.begin();
  const carrying = new CarryRun({ order: { ...carry, notes: notes.folder }, notes, holder: randomUUID(), nowMs: () => Date.now() });
  const failure = await carrying.bring().catch((error: unknown) => {
    if (error instanceof ClaimLost) return { message: error.message, isPassing: false };
    throw error;
  });
  if (!failure) return;
  const message = `its outputs could not be brought here: ${failure.message}`;
  throw failure.isPassing ? new Error(message) : new OutputsUnusable(message);
}

async function patiently(what: string, work: () => Promise<void>): Promise<void> {
  for (const giveUpAt = performance.now() + patienceMs; ; ) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof GatewayRefused) throw new CodeUnusable(`${what}: ${reasonOf(error)}`, { cause: error });
      if (performance.now() > giveUpAt) throw new Error(`${what}: ${reasonOf(error)}`, { cause: error });
      process.stderr.write(`${what}: ${reasonOf(error)}; it is tried again\n`);
      await pause(retryMs);
    }
  }
}
