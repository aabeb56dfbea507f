// How does an attempt run as processes of this machine, and outlive whoever launched it?
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join, resolve } from 'node:path';
import type { OutputsReference } from '#contracts';
import { LeaseLost } from '#event-store';
import { resourcesOf, type JsonMapping } from '#polyaxonfile';
import { CheckpointWatch, isPassingFailure, type CarryDone, type CheckpointSeen, type FileTree, type KeepsAccessTimes } from '#storage';
import { buildFailure, buildStepsOf } from '../build.ts';
import { LaunchFailed, type AttemptId, type AttemptSpec, type Carrying, type Executor, type Launched, type Observation, type Usage } from '../executor.ts';
import { preambleOf } from '../variables.ts';
import { AttemptFolder, codeOf } from './attempt-folder.ts';
import { unpackCode } from './code.ts';
import type { Carriage } from './carriage.ts';
import type { ControlGroups } from './control-groups.ts';
import { endMessage, tailBytes } from './end-message.ts';
import { environmentOf, type Surroundings } from './environment.ts';
import { noEffect } from './no-effect.ts';
import type { OutputsPlaces } from './outputs-places.ts';
import { isMarked, killMembers, membersOf, terminate } from './processes.ts';
import { provisionsOf, type Provisions, type Stores } from './provisions.ts';
import { usageOf } from './usage.ts';

export interface LocalExecutorOptions extends Omit<Surroundings, 'outputsRoot'>, Omit<Stores, 'outputsOf'> {
  /** Each attempt gets a folder here. */
  readonly runsRoot: string;
  /** Where uploaded code is looked for. */
  readonly code: readonly FileTree[];
  /** attempt.sh */
  readonly attemptScript: string;
  readonly groups: ControlGroups;
  readonly outputs: OutputsPlaces;
  /** Not given: all outputs are folders. */
  readonly carriage?: Carriage | undefined;
  readonly now: () => Date;
  /** Does a folder's file system write down when a file was read? Not given: it is tried. */
  readonly keepsAccessTimes?: KeepsAccessTimes;
}

/** The machine is short of something for the moment: the launch is tried again. */
const passing = ['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM', 'EINTR'];
const said: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on the disk of the runs',
  EDQUOT: 'the disk quota of the runs is used up',
  E2BIG: 'its command or its params are too long to be handed to a process (128 KiB each)',
};

/**
 * A small shell leads each attempt in a session of its own, prints into a file of its own and leaves the exit code in another, so the scheduler may die, and its
 * successor finds all of it. Whatever an attempt starts carries its marker, and is gone before its end is told.
 */
export class LocalExecutor implements Executor {
  readonly #script: string;
  readonly #home: string;
  readonly #shell = existsSync('/bin/bash') ? '/bin/bash' : '/bin/sh';
  readonly #watch: CheckpointWatch;
  #changed: () => void = () => undefined;

  constructor(private readonly options: LocalExecutorOptions) {
    this.#script = readFileSync(options.attemptScript, 'utf8'); // at once: an upgrade must not change it under running attempts
    this.#watch = new CheckpointWatch(options.keepsAccessTimes);
    this.#home = createHash('sha256').update(resolve(options.runsRoot)).digest('hex').slice(0, 12);
  }

  onChange(listener: () => void): void {
    this.#changed = listener;
  }

  async launch(spec: AttemptSpec, confirm: () => void = () => undefined): Promise<Launched | null> {
    const folder = this.#folderOf(spec);
    const isBuilding = buildStepsOf(spec.order).length > 0;
    try {
      const { cpu, memory } = resourcesOf(spec.order.environment as JsonMapping) ?? { cpu: null, memory: null };
      const limits = { cpuCores: cpu?.limits ?? null, memoryBytes: memory?.limits ?? null };
      const { joins, warnings } = await this.options.groups.apply(this.#markerOf(spec), limits);
      if ((await folder.claim()) === 'none') {
        confirm(); // what was launched by another, has ended and is forgotten looks like one that never was
        await folder.create();
        if (!(await this.#hasOutputs(spec, folder))) return null;
        const provisions = await provisionsOf(spec.order, { ...this.options, outputsOf: (reference) => this.#referenced(reference, folder) });
        if (isBuilding) await folder.beginBuild();
        await unpackCode(this.options.code, spec.order, folder.code);
        confirm();
        await this.#watchCheckpoint(spec, folder);
        await this.#spawn(spec, folder, joins, provisions);
      }
      if ((await folder.claim()) === 'cancelled') throw new LaunchFailed('start', 'it was stopped before it was started');
      return { console: folder.consoleUrl, isBuilding, warnings: [...warnings, ...noEffect(spec.order)] };
    } catch (error) {
      if (error instanceof LeaseLost || passing.includes(codeOf(error) ?? '') || isPassingFailure(error)) throw error;
      confirm();
      await this.#giveUp(folder);
      if (error instanceof LaunchFailed) throw error;
      throw new LaunchFailed('start', `it could not be started: ${said[codeOf(error) ?? ''] ?? (error as Error).message}`, { cause: error });
    }
  }

  async observe(id: AttemptId): Promise<Observation> {
    const folder = this.#folderOf(id);
    const claim = await folder.claim();
    if (claim === 'none' || claim === 'cancelled') return { state: 'absent' };
    const marker = this.#markerOf(id);
    const leader = claim === 'unreadable' ? undefined : claim;
    const isLed = leader === undefined ? (await membersOf(marker, leader)).length > 0 : isMarked(leader, marker);
    const exitCode = await folder.exitCode(); // after the leader was looked for, who writes it before it goes
    const step = await folder.buildStep();
    const isBuilding = step === undefined ? {} : { isBuilding: true as const };
    if (exitCode === undefined && isLed) return { state: 'running', ...isBuilding, ...(await this.#carrying(folder)), ...(await this.#seen(folder)) };
    if (!(await this.#isSwept(folder, marker, leader))) return { state: 'running', ...isBuilding };
    const seen = await this.#seen(folder, true); // before the folder, which is gone once all of it is carried
    const carried = this.options.carriage ? await this.options.carriage.finish(folder, exitCode) : null;
    if (carried === undefined) return { state: 'running', ...isBuilding, ...(await this.#carrying(folder)) };
    const end = exitCode === undefined ? { ...vanished, ...seen } : { ...(await this.#ended(id, folder, exitCode, step)), ...isBuilding, ...seen };
    return carried === null ? end : withCarried(end, carried);
  }

  async stop(id: AttemptId, graceSeconds: number): Promise<void> {
    const folder = this.#folderOf(id);
    if (await folder.cancel()) return this.options.carriage?.abandon(folder);
    const claim = await folder.claim();
    const leader = typeof claim === 'number' ? claim : undefined;
    const marker = this.#markerOf(id);
    const now = this.options.now().getTime();
    const graceEnds = await folder.graceEnds();
    if (graceEnds === undefined) {
      await terminate(marker, leader);
      await folder.rememberGrace(now + graceSeconds * 1000);
    } else if (now >= graceEnds) {
      await killMembers(marker, leader);
    }
  }

  async forget(id: AttemptId, { keepConsole = false }: { keepConsole?: boolean } = {}): Promise<void> {
    const folder = this.#folderOf(id);
    await this.options.groups.remove(this.#markerOf(id));
    await this.options.carriage?.forget(folder);
    this.#watch.forget(folder.path);
    if (keepConsole) await rm(folder.code, { recursive: true, force: true });
    else await folder.remove();
  }

  async usage(id: AttemptId): Promise<Usage | null> {
    const claim = await this.#folderOf(id).claim();
    if (typeof claim !== 'number') return null;
    return usageOf((await membersOf(this.#markerOf(id), claim)).map(({ pid }) => pid));
  }

  /** What is kept in folders is where it is kept. */
  async #hasOutputs({ order, experimentId, attempt }: AttemptSpec, folder: AttemptFolder): Promise<boolean> {
    const { carriage, outputs } = this.options;
    const { root, s3 } = outputs.of(order.outputsStore);
    const brought = (order.outputsReferences ?? []).filter(({ outputsStore }) => outputs.of(outputsStore).s3 !== undefined);
    if (!carriage || (!s3 && brought.length === 0)) return true;
    const references = brought.map((reference) => ({ path: reference.outputsPath, folder: this.#referenced(reference, folder), ...named(reference) }));
    const own = s3 ? { path: order.outputsPath, folder: join(root, order.outputsPath), ...named(order) } : { path: null, folder: referencesOf(folder) };
    return carriage.begin(folder, { ...own, references, epoch: [experimentId, attempt] });
  }

  #referenced({ outputsPath, outputsStore }: OutputsReference, folder: AttemptFolder): string {
    const { root, s3 } = this.options.outputs.of(outputsStore);
    return join(s3 ? referencesOf(folder) : root, outputsPath);
  }

  async #carrying(folder: AttemptFolder): Promise<{ carrying?: Carrying; warnings?: readonly string[] }> {
    const status = await this.options.carriage?.attend(folder);
    return status ? { carrying: status, warnings: status.warnings } : {};
  }

  /** A carrier takes a file whose times were touched for another one. */
  async #watchCheckpoint({ checkpoint, order }: AttemptSpec, folder: AttemptFolder): Promise<void> {
    const { root, s3 } = this.options.outputs.of(order.outputsStore);
    if (checkpoint?.offered) await this.#watch.begin(folder.path, join(root, order.outputsPath), checkpoint.parts, { mayTouch: s3 === undefined });
  }

  async #seen(folder: AttemptFolder, isOver = false): Promise<{ checkpoint?: CheckpointSeen }> {
    const checkpoint = await this.#watch.look(folder.path, isOver);
    return checkpoint ? { checkpoint } : {};
  }

  #folderOf(id: AttemptId): AttemptFolder {
    return new AttemptFolder(this.options.runsRoot, id);
  }

  /** Of this attempt of this home, and of no other. */
  #markerOf({ experimentId, attempt }: AttemptId): string {
    return `polyaxon-${this.#home}-${experimentId}-${attempt}`;
  }

  /** Resolves when the claim is decided. No standard stream leads here: a pipe would block the program, or end it, once the scheduler is gone. */
  async #spawn(spec: AttemptSpec, folder: AttemptFolder, joins: readonly string[], provisions: Provisions): Promise<void> {
    const steps = buildStepsOf(spec.order);
    const child = spawn('/bin/sh', ['-c', this.#script, 'attempt', folder.path, this.#shell, spec.order.command, preambleOf(spec), String(steps.length), ...steps, ...joins], {
      cwd: folder.code,
      env: environmentOf(spec, { ...this.options, outputsRoot: this.options.outputs.of(spec.order.outputsStore).root }, this.#markerOf(spec), provisions),
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    child.once('exit', () => this.#changed());
    child.unref();
    await new Promise<void>((done, fail) => {
      child.once('error', fail);
      const decided = child.stdio[3] as Socket | null | undefined;
      decided?.once('close', () => done()).resume();
    });
    const claim = await folder.claim();
    if (claim === 'none') throw new Error('its process ended before it could run the command');
    if (claim === 'unreadable') throw Object.assign(new Error('its process could not write its id'), { code: 'ENOSPC' });
  }

  /** A launcher that was killed may have left a process that is only about to claim the attempt. */
  async #giveUp(folder: AttemptFolder): Promise<void> {
    await folder.cancel().catch(() => folder.remove());
    await this.options.carriage?.abandon(folder);
  }

  async #ended(id: AttemptId, folder: AttemptFolder, exitCode: number, step: string | undefined): Promise<Observation & { readonly state: 'ended' }> {
    const isOutOfMemory = exitCode !== 0 && (await this.options.groups.isOutOfMemory(this.#markerOf(id)));
    const tail = exitCode === 126 || exitCode === 127 ? await folder.consoleTail(tailBytes) : '';
    const said = step === undefined ? tail : (tail.trim().split('\n').at(-1) ?? '');
    const message = endMessage(exitCode, { isOutOfMemory, tail: said });
    return { state: 'ended', exitCode, ...(isOutOfMemory && { cause: 'out-of-memory' }), message: step === undefined ? message : buildFailure(step, message) };
  }

  /**
   * Whether nothing of it is left. What a program leaves behind when it ends by itself is killed; when it was asked to end, all of it has the grace
   * to do so: a wrapper that dies at once must not cost the training its last checkpoint.
   */
  async #isSwept(folder: AttemptFolder, marker: string, leader: number | undefined): Promise<boolean> {
    const graceEnds = await folder.graceEnds();
    if (graceEnds !== undefined && this.options.now().getTime() < graceEnds) return (await membersOf(marker, leader)).length === 0;
    return killMembers(marker, leader);
  }
}

/** No fault of its program, as far as anybody knows. */
const vanished = { state: 'ended', exitCode: null, cause: 'infrastructure', message: 'its processes vanished without an exit code (killed from outside, or the machine was restarted)' } as const;

/** What a program leaves and nobody finds again is no success; nor does it go on by itself from what the store has, since that would be older. */
function withCarried(end: Observation & { readonly state: 'ended' }, { isOk, message, warnings }: CarryDone): Observation {
  if (isOk) return { ...end, warnings };
  const { cause: _, ...rest } = end;
  return { ...rest, exitCode: null, message: [end.message, message].filter(Boolean).join('; ') };
}

function named({ outputsStore }: { readonly outputsStore?: string }): { outputsStore?: string } {
  return outputsStore === undefined ? {} : { outputsStore };
}

/** Outputs of others, for this attempt to read. */
function referencesOf(folder: AttemptFolder): string {
  return join(folder.path, 'references');
}
