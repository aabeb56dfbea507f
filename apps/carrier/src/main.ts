// How does a carrier start: beside a program of this machine, or before and beside one in a pod?
import { randomUUID } from 'node:crypto';
import { bringExitCode, CarryNotes, CodeUnusable, ownLine } from '#storage';
import { CarryRun } from './carry-run.ts';
import { hold } from './hold.ts';
import { orderIn } from './order.ts';
import { attend } from './pod/attend.ts';
import { bringBuild } from './pod/bring-build.ts';
import { bring, OutputsUnusable } from './pod/bring.ts';
import { orderOfReplica, readBuildOrder, readPodOrder, replicaOf } from './pod/read-order.ts';
import { leaveMessage } from './pod/termination.ts';

const [mode, file] = process.argv.slice(2);

try {
  if (mode === 'bring') await bringIn();
  else if (mode === 'bring-build') await bringBuild(await readBuildOrder(file));
  else if (mode === 'attend') await attendProgram();
  else await carryBesideProgram();
  process.exit(0);
} catch (error) {
  process.stderr.write(`${(error as Error).stack}\n`);
  if (mode !== undefined) await leaveMessage((error as Error).message.replaceAll(/\s*\n\s*/g, ' '));
  process.exit(error instanceof CodeUnusable || error instanceof OutputsUnusable ? bringExitCode.lasting : bringExitCode.passing);
}

/** It ends when its program has ended and all is carried: a signal meant for others does not end it. */
async function carryBesideProgram(): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  const order = orderIn(process.env);
  await hold(order.folder);
  await new CarryRun({ order, notes: new CarryNotes(order.notes), holder: randomUUID(), nowMs: () => Date.now() }).run();
}

async function bringIn(): Promise<void> {
  const order = await readPodOrder(file);
  await bring(orderOfReplica(order, replicaOf(order, process.env)));
}

/** Kubelet ends a sidecar after the program it stands beside. */
async function attendProgram(): Promise<void> {
  const gone = new AbortController();
  process.on('SIGTERM', () => gone.abort());
  const order = await readPodOrder(file);
  const replica = replicaOf(order, process.env);
  await attend({ order: orderOfReplica(order, replica), replica, gone: gone.signal, tell: (line) => process.stderr.write(`${ownLine}${line.replaceAll('\n', ' ')}\n`) });
}
