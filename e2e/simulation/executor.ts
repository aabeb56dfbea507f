// How are programs started, watched and stopped, if any answer may be late or never come?
import { LaunchFailed, type AttemptId, type AttemptSpec, type Executor, type Launched, type Observation, type Pending } from '../../apps/scheduler/src/executors/executor.ts';
import type { Clock } from './clock.ts';
import type { Faults, Life } from './life.ts';
import type { Random } from '#testing';
import type { Rules } from './rules.ts';
import { keyOf, type World } from './world.ts';

/** Everything it makes is named after its attempt and outlives the scheduler, as `executor.ts` asks of every executor. */
export class SimulatedExecutor implements Executor {
  /** Attempts whose build steps this process has not seen done. */
  readonly #building = new Set<string>();

  constructor(
    private readonly world: World,
    private readonly rules: Rules,
    private readonly life: Life,
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly faults: Faults,
  ) {}

  launch(spec: AttemptSpec): Promise<Launched | Pending> {
    const key = keyOf(spec);
    return this.life.effect(`launches ${key}`, (): Launched | Pending => {
      const { world } = this;
      if (world.cancelled.has(key)) throw new LaunchFailed('start', 'it was stopped before it was started');
      if (!world.programs.has(key)) {
        if (this.random.chance(0.02 * this.faults.rate)) {
          world.cancelled.add(key);
          throw new LaunchFailed('code', 'its code is gone from the platform');
        }
        if (this.random.chance(0.02 * this.faults.rate)) {
          world.cancelled.add(key);
          throw new LaunchFailed('start', 'its node was drained', { taken: 'evicted' });
        }
        if (this.random.chance(0.05 * this.faults.rate)) return { isPending: true, ...this.random.pick(waits) };
        world.start(spec, spec.order);
        if (spec.experimentId % 3 === 0) this.#building.add(key);
      }
      return { console: `file:///runs/${key}`, isBuilding: this.#building.has(key), warnings: [] };
    });
  }

  observe(id: AttemptId): Promise<Observation> {
    return this.life.effect(`looks at ${keyOf(id)}`, (): Observation => {
      const program = this.world.programs.get(keyOf(id));
      if (!program || !this.world.consoles.get(keyOf(id))) return { state: 'absent' };
      const isBuilding = this.#building.delete(keyOf(id)) ? { isBuilding: true as const } : {};
      return program.isLive ? { state: 'running', ...isBuilding } : endOf(program.endedWith);
    });
  }

  stop(id: AttemptId, graceSeconds: number): Promise<void> {
    return this.life.effect(`stops ${keyOf(id)}`, () => {
      const program = this.world.programs.get(keyOf(id));
      if (!program) this.world.cancelled.add(keyOf(id));
      else if (program.graceEndsMs === undefined) this.world.terminate(program, this.clock.nowMs + graceSeconds * 1000);
      else if (this.clock.nowMs >= program.graceEndsMs) this.world.end(program, 137);
    });
  }

  forget(id: AttemptId, { keepConsole = false } = {}): Promise<void> {
    return this.life.effect(`forgets ${keyOf(id)}`, () => {
      if (keepConsole) return;
      this.rules.forgets(id.experimentId, id.attempt);
      this.world.consoles.set(keyOf(id), null);
    });
  }

  onChange(listener: () => void): void {
    this.world.onChange = () => this.life.isOver || listener();
  }
}

const waits: readonly Omit<Pending, 'isPending'>[] = [
  { cause: 'unschedulable', reason: 'no room' }, { cause: 'image', reason: 'no such image' }, { cause: 'cluster', reason: 'away' }, { cause: 'starting', reason: null },
];

/** One without an exit code is gone with its machine. */
function endOf(exitCode: number | null): Observation {
  return { state: 'ended', exitCode, message: exitCode === 0 ? null : 'it ended', ...(exitCode === null && { cause: 'node-lost' as const }) };
}
