// What is outside of the services, and stays when they are killed: programs, outputs folders, consoles?
import type { ExperimentOrder } from '#contracts';
import type { AttemptId } from '../../apps/scheduler/src/executors/executor.ts';
import type { Clock } from './clock.ts';
import type { Random } from '#testing';
import type { Rules } from './rules.ts';

/** The one process of an attempt, from its start for ever. */
export interface Program extends AttemptId {
  readonly order: ExperimentOrder;
  readonly exitCode: number;
  readonly ignoresSigterm: boolean;
  isLive: boolean;
  endedWith: number | null;
  stepsLeft: number;
  /** Set by SIGTERM. */
  graceEndsMs: number | undefined;
  readonly printed: string[];
}

/** What each file holds: who wrote it last, and when in its life. */
export type Files = Map<string, string>;

export interface Folder {
  readonly files: Files;
  /** Everything it ever was, as `print` shows it. */
  readonly was: Set<string>;
}

export const print = (files: Files): string => [...files].sort().map(([name, content]) => `${name}=${content}`).join(' ');

export class World {
  readonly folders = new Map<string, Folder>();
  /** By target: copies that don't show yet. */
  readonly unfinished = new Map<string, Files>();
  /** Folders that can't be made. */
  readonly forbidden = new Set<string>();
  /** By target: from where it was filled. */
  readonly receipts = new Map<string, string>();
  readonly programs = new Map<string, Program>();
  /** Attempts that were stopped before they were launched. */
  readonly cancelled = new Set<string>();
  /** By attempt: its lines, until they are forgotten; `null`: they are. */
  readonly consoles = new Map<string, string[] | null>();
  /** By experiment: what is in its `run.log`. */
  readonly runLogs = new Map<number, string[]>();
  /** The scheduler that lives now hears of ends, mostly. */
  onChange: () => void = () => undefined;

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly rules: Rules,
  ) {}

  get live(): Program[] {
    return [...this.programs.values()].filter(({ isLive }) => isLive);
  }

  start(id: AttemptId, order: ExperimentOrder): void {
    const { random } = this;
    const program: Program = {
      experimentId: id.experimentId, attempt: id.attempt, order, isLive: true, endedWith: null,
      exitCode: random.chance(0.6) ? 0 : 1 + random.below(3), ignoresSigterm: random.chance(0.25),
      stepsLeft: random.chance(0.15) ? 0 : random.below(8), graceEndsMs: undefined, printed: [],
    };
    this.rules.starts(program, this);
    this.programs.set(keyOf(id), program);
    this.consoles.set(keyOf(id), []);
    this.#planStep(program);
  }

  terminate(program: Program, graceEndsMs: number): void {
    program.graceEndsMs = graceEndsMs;
    if (!program.ignoresSigterm) program.stepsLeft = Math.min(program.stepsLeft, this.random.below(2));
  }

  end(program: Program, code: number | null): void {
    if (!program.isLive) return;
    program.isLive = false;
    program.endedWith = code;
    if (this.random.chance(0.8)) this.onChange();
  }

  makeFolder(path: string): Folder {
    const folder = this.folders.get(path) ?? { files: new Map(), was: new Set(['']) };
    this.folders.set(path, folder);
    return folder;
  }

  #planStep(program: Program): void {
    const { experimentId, attempt } = program;
    const what = program.stepsLeft > 0 ? 'writes a checkpoint' : 'ends';
    this.clock.plan(2 + this.random.below(120), `program ${experimentId}.${attempt} ${what}`, () => this.#step(program), () => !program.isLive);
  }

  /** A checkpoint of its own, and the file that says which is the latest, each time written over: as a training does. */
  #step(program: Program): void {
    const { order, experimentId, attempt, printed } = program;
    if (program.stepsLeft === 0) return this.end(program, program.graceEndsMs === undefined ? (this.random.chance(0.03) ? null : program.exitCode) : 143);
    program.stepsLeft -= 1;
    const content = `${experimentId}.${attempt}:${printed.length}`;
    this.rules.writes(program, this);
    const folder = this.folders.get(order.outputsPath);
    folder?.files.set(`checkpoint-${content}`, content).set('latest', content);
    folder?.was.add(print(folder.files));
    printed.push(`wrote ${content}`);
    this.consoles.get(keyOf(program))?.push(`wrote ${content}`);
    this.#planStep(program);
  }
}

export function keyOf({ experimentId, attempt }: AttemptId): string {
  return `${experimentId}.${attempt}`;
}
