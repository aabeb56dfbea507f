// What happens beside a program while it runs in its pod, and after it until nothing of it is left to send?
import { randomUUID } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CarryNotes, type CarryDone, type CheckpointSeen, type PodEnd, type PodOrder } from '#storage';
import { CarryRun } from '../carry-run.ts';
import { ConsoleSender } from './console-sender.ts';
import { Echo } from './echo.ts';
import { Gateway } from './gateway.ts';
import { sizeOf } from './growing.ts';
import { Reporter } from './reporter.ts';
import { endMessage, leaveMessage } from './termination.ts';

/** attempt.sh leaves the exit code after everything else is gone. */
const lookForExitMs = 200;
const carryAgainMs = 1000;
/** One that was started while it was told has not heard it, and would stay for ever. */
const toldMs = 30_000;
/** For what is shown here and kept elsewhere. */
const echoMs = 3000;
const tailBytes = 500;

export interface Attended {
  readonly order: PodOrder;
  readonly replica: string | undefined;
  /** Aborted: kubelet has said that the program is gone, whether it left an exit code or not. */
  readonly gone: AbortSignal;
  readonly tell: (line: string) => void;
}

/** Killed at any moment, the next one goes on: it finds out from the files, the store and the gateway how far this one was. */
export async function attend({ order, replica, gone, tell }: Attended): Promise<void> {
  await (await open(join(order.run, 'attended'), 'a', 0o644)).close(); // attempt.sh waits for it
  const ended = new AbortController(); // of the program, known by the exit code or by kubelet
  const giveUp = new AbortController();
  const echoEnds = new AbortController();
  const path = join(order.run, 'console');
  const gateway = new Gateway(order.tokenFile);
  const sender = new ConsoleSender({ file: path, send: sendingTo(gateway, order, replica), ended: ended.signal, random: Math.random, tell });
  const echo = new Echo(path);
  const echoed = echo.run(ended.signal, echoEnds.signal);
  const sent = sender.run(giveUp.signal);
  const notes = order.carry && new CarryNotes(join(order.notes, 'carry'));
  const carried = notes && keepCarrying(order, notes, giveUp.signal, tell);

  const { reportAddress, replicas } = order;
  const reporter = new Reporter({ order, notes, tell, send: (report) => gateway.tell(reportAddress ?? '', report) });
  const speaks = replica === replicas?.[0]; // of several the first, for all
  if (reportAddress !== undefined && speaks) void reporter.run(ended.signal);
  await untilEnded(order.run, gone);
  ended.abort();
  const checkpoint = speaks ? await reporter.seen() : undefined; // before what it has read is carried away
  await notes?.say('ended', { ...(await howEnded(order.run)), saidAtMs: Date.now() });
  const timer = setTimeout(() => giveUp.abort(), 1000 * order.lastSeconds);
  const leave = async (isWhole: boolean): Promise<void> => leaveMessage(endMessage(await endOf(order.run, sender, { carried: (await notes?.done()) ?? null, checkpoint, isWhole, echoedBytes: echo.writtenBytes })));
  await leave(false);
  const reporting = setInterval(() => void leave(false), 1000);
  const isSent = await sent;
  const done = await carried;
  clearInterval(reporting);
  clearTimeout(timer);
  if (notes && done === undefined) {
    const message = `its outputs could not be carried to the store within ${order.lastSeconds} s, and went with its pod; the store has what was there before`;
    await notes.say('done', { isOk: false, message, warnings: [] });
  }
  await leave(isSent);
  setTimeout(() => echoEnds.abort(), echoMs).unref();
  await echoed;
  if (!isSent) await leave(isSent); // with all that its log has
  await Promise.race([untilAborted(gone), pause(toldMs)]); // a sidecar that leaves earlier is started again
}

function sendingTo(gateway: Gateway, { consoleAddress }: PodOrder, replica: string | undefined): (query: { offset: number; size: number; last?: 1 }, bytes: Buffer) => Promise<{ receivedBytes: number }> {
  return (query, bytes) => {
    const address = new URL(consoleAddress);
    for (const [name, value] of Object.entries({ ...query, ...(replica !== undefined && { replica }) })) address.searchParams.set(name, String(value));
    return gateway.send(address.href, bytes);
  };
}

/** Undefined: it was not done when it was given up. */
async function keepCarrying(order: PodOrder, notes: CarryNotes, giveUp: AbortSignal, tell: (line: string) => void): Promise<CarryDone | undefined> {
  while (!giveUp.aborted) {
    const run = new CarryRun({ order: { ...order.carry!, notes: notes.folder }, notes, holder: randomUUID(), nowMs: () => Date.now() });
    await Promise.race([run.run().catch((error: unknown) => tell(`the outputs could not be carried: ${(error as Error).stack}`)), untilAborted(giveUp)]);
    const done = await notes.done();
    if (done) return done;
    await pause(carryAgainMs, undefined, { signal: giveUp }).catch(() => undefined);
  }
  return undefined;
}

async function untilEnded(run: string, gone: AbortSignal): Promise<void> {
  while (!gone.aborted && (await exitCodeIn(run)) === undefined) await pause(lookForExitMs, undefined, { signal: gone }).catch(() => undefined);
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function howEnded(run: string): Promise<{ isClean: boolean; diedAtMs: number | null }> {
  const code = await exitCodeIn(run);
  if (code === undefined) return { isClean: false, diedAtMs: null };
  return { isClean: code < 128, diedAtMs: (await stat(join(run, 'exit'))).mtimeMs };
}

interface Left {
  readonly carried: CarryDone | null;
  readonly checkpoint: CheckpointSeen | undefined;
  readonly isWhole: boolean;
  readonly echoedBytes: number;
}

async function endOf(run: string, sender: ConsoleSender, { carried, checkpoint, isWhole, echoedBytes }: Left): Promise<PodEnd> {
  const exitCode = (await exitCodeIn(run)) ?? null;
  const path = join(run, 'console');
  const consoleSizeBytes = await sizeOf(path);
  const wasAsked = (await textIn(join(run, 'asked'))) !== undefined;
  const buildStep = exitCode === 0 ? undefined : await textIn(join(run, 'building'));
  const tail = exitCode === 126 || exitCode === 127 ? await tailOf(path, consoleSizeBytes) : undefined;
  return {
    carried, isWhole: isWhole && carried?.isOk !== false, consoleBytes: sender.receivedBytes, consoleSizeBytes, echoedBytes, exitCode, wasAsked,
    ...(buildStep !== undefined && { buildStep: buildStep.slice(0, 200) }), ...(tail !== undefined && { tail }), ...(checkpoint && { checkpoint }),
  };
}

async function exitCodeIn(run: string): Promise<number | undefined> {
  const text = await textIn(join(run, 'exit'));
  return text === undefined ? undefined : Number(text);
}

async function textIn(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

async function tailOf(path: string, sizeBytes: number): Promise<string> {
  const file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(tailBytes), 0, tailBytes, Math.max(0, sizeBytes - tailBytes)).finally(() => file.close());
  return buffer.toString('utf8', 0, bytesRead);
}
