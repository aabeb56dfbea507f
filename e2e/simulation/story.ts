// What happens to a whole platform between its first request and the moment when nothing is left to do?
import { categoryOf, type ExperimentEvent, type Service } from '#contracts';
import { evolveAll } from '#decider';
import { experimentDecider } from '../../apps/api-gateway/src/experiment/decider.ts';
import type { EndingsTable } from '../../apps/api-gateway/src/experiment/endings-table.ts';
import { ConsumerGroup } from './bus.ts';
import { Clock } from './clock.ts';
import { Database } from './database.ts';
import { Life, type Faults } from './life.ts';
import { MemoryEventStore, type Mutation } from './memory-event-store.ts';
import { Random } from '#testing';
import { Rules } from './rules.ts';
import { services, type Program, type Surroundings } from './services.ts';
import { ArchiveRows, isUnfinished } from './tables/archive-rows.ts';
import { endingRows } from './tables/ending-rows.ts';
import { RunRows } from './tables/run-rows.ts';
import { workRows } from './tables/work-rows.ts';
import { Users, type Known } from './users.ts';
import { World } from './world.ts';

/** What is wrong on purpose, to see that it is found. */
export interface Mutant {
  readonly decider?: Mutation;
  readonly endings?: (table: EndingsTable) => EndingsTable;
  readonly hasHastyCopies?: boolean;
}

export interface Ending {
  /** Undefined: every rule held. */
  readonly broken: string | undefined;
  readonly steps: readonly string[];
  readonly stepCount: number;
  /** Of everything that happened: alike when two stories are. */
  readonly events: readonly string[];
}

const names: readonly Service[] = ['api-gateway', 'scheduler', 'storage-manager', 'log-collector'];
const busyStepsMax = 6000;
/** From the last fault on, everything has to come to its end within so many steps. */
const calmStepsMax = 1500;

interface Instance {
  readonly life: Life;
  readonly program: Program;
}

export class Story {
  readonly #random: Random;
  readonly #clock: Clock;
  readonly #faults: Faults;
  readonly #database: Database;
  readonly #rules: Rules;
  readonly #world: World;
  readonly #around: Surroundings;
  readonly #users: Users;
  readonly #running = new Map<string, Instance>();
  readonly #steps: string[] = [];
  readonly #events: string[] = [];
  #stepCount = 0;

  constructor(
    seed: number,
    private readonly mutant: Mutant = {},
  ) {
    const random = (this.#random = new Random(seed));
    const clock = (this.#clock = new Clock(random));
    const faults = (this.#faults = { rate: random.pick([0.3, 1, 1, 3]) });
    const slots = 1 + random.below(3);
    const rules = (this.#rules = new Rules(() => this.#database, slots));
    const world = (this.#world = new World(clock, random, rules));
    const database = (this.#database = new Database((event) => {
      this.#events.push(`${event.id} ${event.type}`);
      rules.committed(event, world);
      for (const name of names) this.#around.groups[name].plan(event.stream);
    }));
    const broken = (why: string) => rules.must(false, why);
    const endings = endingRows((experimentId) => rules.orders.get(experimentId)?.originalExperimentId);
    const group = (name: Service) => new ConsumerGroup(name, database, clock, random, faults, broken);
    this.#around = {
      database, world, rules, clock, random, faults, slots, hasHastyCopies: mutant.hasHastyCopies ?? false,
      tables: { runs: new RunRows(database), work: workRows(), archives: new ArchiveRows(), endings: mutant.endings?.(endings) ?? endings },
      groups: Object.fromEntries(names.map((name) => [name, group(name)])) as Record<Service, ConsumerGroup>,
      kill: (life) => this.#kill(life),
    };
    const gateway = () => {
      const instance = this.#running.get('api-gateway');
      return instance?.program.experiments && { life: instance.life, experiments: instance.program.experiments };
    };
    this.#users = new Users(random, clock, gateway, () => this.#known(), broken);
  }

  async tell(): Promise<Ending> {
    const putBack = this.#clock.takeOver();
    try {
      for (const name of names) this.#start(name);
      while (!this.#rules.broken && !this.#users.areContent && this.#stepCount < busyStepsMax) await this.#step();
      this.#faults.rate = 0;
      const calmSince = this.#stepCount;
      while (!this.#rules.broken && !this.#isOver && this.#stepCount - calmSince < calmStepsMax) await this.#step();
      const late = `everything comes to its end within ${calmStepsMax} steps after the last fault`;
      if (!this.#rules.broken) this.#rules.must(this.#isOver, `${late}; still to do: ${this.#stillToDo.join(', ')}`);
      if (!this.#rules.broken) this.#rules.atTheEnd(this.#world);
    } finally {
      putBack();
      for (const { life } of this.#running.values()) life.end();
    }
    return { broken: this.#rules.broken, steps: this.#steps, stepCount: this.#stepCount, events: this.#events };
  }

  async #step(): Promise<void> {
    this.#stepCount += 1;
    const { rate } = this.#faults;
    if (this.#random.chance(0.004 * rate)) this.#kill(this.#random.pick([...this.#running.values()])?.life);
    if (this.#random.chance(0.01 * rate)) this.#around.groups[this.#random.pick(names)].rewind();
    await this.#clock.step((what) => this.#steps.push(what));
  }

  #start(name: Service): void {
    const life = new Life(name, this.#clock, this.#random, this.#faults, (killed) => this.#kill(killed));
    const store = new MemoryEventStore(this.#database, life, this.#clock.now, this.mutant.decider ?? ((decider) => decider));
    const program = services[name](life, store, this.#around);
    this.#running.set(name, { life, program });
    this.#around.groups[name].attach(life, program.topology, store);
    if (name === 'api-gateway') this.#users.askAgain();
  }

  /** As by `kill -9`; its supervisor starts it again. */
  #kill(life: Life | undefined): void {
    if (!life || life.isOver) return;
    const name = life.service as Service;
    this.#steps.push(`           ${name} is killed`);
    life.end();
    this.#running.delete(name);
    this.#clock.plan(this.#random.below(this.#random.chance(0.8) ? 100 : 3000), `${name} is started again`, () => this.#start(name));
  }

  get #isOver(): boolean {
    return this.#running.size === names.length && this.#stillToDo.length === 0;
  }

  get #stillToDo(): string[] {
    const { tables, groups } = this.#around;
    const rows = (what: string, count: number) => (count > 0 ? [`${count} ${what}`] : []);
    return [
      ...names.filter((name) => !groups[name].isCaughtUp).map((name) => `${name} has not heard everything`),
      ...rows('runs', tables.runs.runs.rows.size),
      ...rows('leftovers', tables.runs.leftovers.rows.size),
      ...rows('tasks', tables.work.rows.size),
      ...rows('archives', [...tables.archives.archives.rows.values()].filter(isUnfinished).length),
      ...rows('deletions of logs', tables.archives.deletions.rows.size),
      ...rows('programs', this.#world.live.length),
      ...(this.#users.areContent ? [] : ['users wait for an answer']),
    ];
  }

  #known(): Known[] {
    const originals = [...this.#database.streams].filter(([stream]) => categoryOf(stream) === 'experiment');
    return originals.flatMap(([, events]) => {
      const { experiments } = evolveAll(experimentDecider, events as unknown as ExperimentEvent[]);
      return [...experiments.values()].flatMap(({ order, state }) => (state === 'deleted' ? [] : [{ id: order.experimentId, state }]));
    });
  }
}
