// What must hold at every moment, whoever is killed and whatever is late?
import type { EventsOf, ExperimentOrder, StreamName } from '#contracts';
import type { Recorded } from '#event-store';
import type { Database } from './database.ts';
import { keyOf, print, type Program, type World } from './world.ts';

/** As programs here are given them: one of `max_restarts`, on top of those that machines take away. */
export const preemptionsAllowed = 2;
const attemptsMax = 1 + 1 + preemptionsAllowed;

type AnyEvent = EventsOf[keyof EventsOf];
type Of<Type extends AnyEvent['type']> = Extract<AnyEvent, { type: Type }>['data'];

/** Looks at each thing in the moment in which it happens; the first rule that is broken ends the story. */
export class Rules {
  broken: string | undefined;
  readonly orders = new Map<number, ExperimentOrder>();
  readonly #copies = new Map<number, Of<'ExperimentCopyRequested'> & { readonly since: number }>();
  /** By original: copies from it that a deletion could have known of when it asked. */
  readonly #copiersSeen = new Map<number, ReadonlySet<number>>();

  constructor(
    private readonly database: () => Database,
    readonly slots: number,
  ) {}

  /** The sentence says what holds, in the words of who relies on it. */
  must(holds: boolean, rule: string): void {
    if (!holds) this.broken ??= rule;
  }

  committed(event: Recorded, world: World): void {
    const { type, data } = event as unknown as AnyEvent;
    switch (type) {
      case 'ExperimentCopyRequested':
        this.#copies.set(data.experimentId, { ...data, since: world.folders.get(data.sourceOutputsPath)?.was.size ?? 0 });
        this.#ordered(data, world);
        return;
      case 'ExperimentCreated':
      case 'ExperimentResumeRequested':
      case 'ExperimentRestartRequested':
        return this.#ordered(data, world);
      case 'RunScheduled':
        this.must(data.attempt <= attemptsMax, `no more attempts than both budgets allow: ${keyOf(data)} is one too many`);
        return this.#told(event, 'each attempt is scheduled once', (other) => other.attempt === data.attempt);
      case 'RunStarted':
        this.#told(event, 'each attempt is said to have started once', (other) => other.attempt === data.attempt);
        return this.must(world.programs.has(keyOf(data)), `${keyOf(data)} is only said to have started when it has`);
      case 'RunAttemptFailed':
      case 'RunPreempted':
        this.#told(event, 'each attempt ends once', (other) => other.attempt === data.attempt);
        this.must(!this.#has(`run-${data.experimentId}`, 'RunStopRequested', data.experimentId), `a stop that was asked for wins: run ${data.experimentId} goes on`);
        return this.must(!this.#isLive(data.experimentId, world), `attempt ${keyOf(data)} is only said to have ended when no process of it is left`);
      case 'RunSucceeded':
      case 'RunFailed':
      case 'RunStopped':
        this.#told(event, 'a run ends once', () => true);
        return this.must(!this.#isLive(data.experimentId, world), `run ${data.experimentId} is only said to have ended when no process of it is left`);
      case 'LogsArchived':
        return this.#archived(data, world);
      case 'ExperimentDone':
        return this.#done(event, data, world);
      default:
        return;
    }
  }

  starts(program: Program, world: World): void {
    const { experimentId, order } = program;
    const it = keyOf(program);
    const other = world.live.find(({ order: { outputsPath } }) => outputsPath === order.outputsPath);
    this.must(!other, `two programs never write one outputs path: ${other && keyOf(other)} and ${it} do`);
    this.must(world.live.length < this.slots, `at most ${this.slots} programs run at once`);
    this.must(!world.programs.has(it), `attempt ${it} is started at most once`);
    this.must(!this.#has(`experiment-${order.originalExperimentId}`, 'ExperimentDone', experimentId), `${it} doesn't start once its experiment is done`);
    const copy = this.#copies.get(experimentId);
    const answer = copy ? 'OutputsCopied' : 'OutputsPrepared';
    this.must(this.#has(`outputs-${order.originalExperimentId}`, answer, experimentId), `no program runs before its outputs are there: ${it} had no ${answer}`);
    const isLookedAt = program.attempt === 1 || this.#has(`outputs-${order.originalExperimentId}`, 'OutputsPrepared', experimentId, program.attempt);
    this.must(isLookedAt, `no further attempt runs before its outputs were looked at again: those of ${it} were not`);
    const folder = world.folders.get(order.outputsPath);
    this.must(folder !== undefined, `the outputs path of ${it} is there when it starts`);
  }

  writes({ experimentId, order }: Program, world: World): void {
    this.must(world.folders.has(order.outputsPath), `the outputs path of ${experimentId} stays as long as its program runs`);
  }

  /** In the moment in which it shows. */
  copyShows(target: string, source: string, world: World): void {
    const copy = [...this.#copies.values()].find(({ outputsPath }) => outputsPath === target);
    const was = [...(world.folders.get(source)?.was ?? [])].slice(Math.max(0, (copy?.since ?? 0) - 1));
    const copied = print(world.folders.get(target)?.files ?? new Map());
    const since = `which ${source} never was since it was asked for`;
    this.must(was.includes(copied), `a copy is what its source was at one moment: ${target} shows [${copied}], ${since}`);
  }

  /** A deletion asks who copies. What is asked once more when all of its users are deleted decides nothing. */
  asksForCopiers(originalId: number): void {
    const users = [...this.orders.values()].filter((order) => order.originalExperimentId === originalId);
    if (users.length > 0 && users.every((order) => this.#isDeleted(order))) return;
    const copiers = [...this.#copies.values()].filter(({ sourceOriginalExperimentId }) => sourceOriginalExperimentId === originalId);
    this.#copiersSeen.set(originalId, new Set(copiers.map(({ experimentId }) => experimentId)));
  }

  /**
   * Only of a folder that shows: what is left of an unfinished copy is nobody's. A copy that is written down after a deletion has asked who
   * copies is no user of the outputs: it fails, with its reason.
   */
  removes(path: string): void {
    const users = [...this.orders.values()].filter((order) => order.outputsPath === path && !this.#isDeleted(order));
    this.must(users.length === 0, `only a deletion without users removes files: ${path} is used by ${idsOf(users)}`);
    const copies = [...this.#copies.values()].filter(({ sourceOutputsPath }) => sourceOutputsPath === path);
    const copiers = copies.filter((copy) => this.#isKnown(copy) && this.#isBeingFilled(copy));
    this.must(copiers.length === 0, `nothing is removed while it is being copied: ${path} is, for ${idsOf(copiers)}`);
  }

  forgets(experimentId: number, attempt: number): void {
    const order = this.orders.get(experimentId);
    const isArchived = this.#has(`logs-${experimentId}`, 'LogsArchived', experimentId, attempt);
    const isDeleted = order !== undefined && this.#isDeleted(order);
    const hasStarted = this.#has(`run-${experimentId}`, 'RunStarted', experimentId, attempt);
    this.must(isArchived || isDeleted || !hasStarted, `a console is kept until it is archived: that of ${experimentId}.${attempt} was not`);
  }

  /** When nothing is left to do. */
  atTheEnd(world: World): void {
    for (const [id, { originalExperimentId, outputsPath }] of this.orders) {
      const stream: StreamName = `experiment-${originalExperimentId}`;
      this.must(this.#has(stream, 'ExperimentDone', id), `every experiment ends: ${id} has not`);
      const outputs = this.database().stream(`outputs-${originalExperimentId}`).map(({ type }) => type);
      const isGone = outputs.includes('OutputsDeleted');
      const isThere = world.folders.has(outputsPath);
      if (isGone) this.must(!isThere, `deleted outputs are gone: ${outputsPath} is not`);
      else if (outputs.includes('OutputsPrepared') || outputs.includes('OutputsCopied')) this.must(isThere, `nothing is lost: ${outputsPath} is`);
    }
    this.must(world.live.length === 0, 'no program outlives its experiment');
    this.must(world.unfinished.size === 0, 'nothing is left of unfinished copies');
  }

  #ordered(order: ExperimentOrder, world: World): void {
    this.must(!this.orders.has(order.experimentId), `an experiment is asked for once: ${order.experimentId} was twice`);
    this.orders.set(order.experimentId, order);
    const live = world.live.find(({ order: { outputsPath } }) => outputsPath === order.outputsPath);
    this.must(!live, `nobody gets an outputs path that ${live?.experimentId} still writes`);
  }

  #done(event: Recorded, { experimentId, attempt }: Of<'ExperimentDone'>, world: World): void {
    this.#told(event, 'an experiment is done once', (other) => other.experimentId === experimentId);
    this.must(!this.#isLive(experimentId, world), `an experiment is done only when its program has ended: that of ${experimentId} runs`);
    if (attempt === 0) return;
    const isArchived = ['LogsArchived', 'LogsArchiveFailed'].some((type) => this.#has(`logs-${experimentId}`, type, experimentId, attempt));
    this.must(isArchived, `an experiment is done only when its logs are there: those of ${experimentId}.${attempt} are not`);
  }

  #archived({ experimentId, attempt }: Of<'LogsArchived'>, world: World): void {
    const program = world.programs.get(keyOf({ experimentId, attempt }));
    const archived = (world.runLogs.get(experimentId) ?? []).join('\n');
    this.must(program?.isLive === false, `logs are archived when the program has ended: ${experimentId}.${attempt} has not`);
    const attempts = [...world.programs.values()].filter((one) => one.experimentId === experimentId && one.attempt <= attempt).sort((a, b) => a.attempt - b.attempt);
    this.must(attempts.flatMap(({ printed }) => printed).join('\n') === archived, `run.log holds every line once: that of ${experimentId} does not`);
  }

  #isDeleted({ originalExperimentId, experimentId }: ExperimentOrder): boolean {
    return this.#has(`experiment-${originalExperimentId}`, 'ExperimentDeleted', experimentId);
  }

  #isKnown({ sourceOriginalExperimentId, experimentId }: Of<'ExperimentCopyRequested'>): boolean {
    return this.#copiersSeen.get(sourceOriginalExperimentId)?.has(experimentId) === true;
  }

  #isBeingFilled({ originalExperimentId, experimentId }: ExperimentOrder): boolean {
    const answered = ['OutputsCopied', 'OutputsCopyFailed'].some((type) => this.#has(`outputs-${originalExperimentId}`, type, experimentId));
    return !answered && !this.#has(`experiment-${originalExperimentId}`, 'ExperimentDone', experimentId);
  }

  #isLive(experimentId: number, world: World): boolean {
    return world.live.some((program) => program.experimentId === experimentId);
  }

  /** Nothing like it was told before in the same stream. */
  #told(event: Recorded, rule: string, isAlike: (data: { experimentId: number; attempt: number }) => boolean): void {
    const ends = ['RunSucceeded', 'RunFailed', 'RunStopped'];
    const isOfKind = (type: string) => (ends.includes(event.type) ? ends.includes(type) : type === event.type);
    const earlier = this.database().stream(event.stream).filter(({ id, type, data }) => id !== event.id && isOfKind(type) && isAlike(data as never));
    this.must(earlier.length === 0, `${rule}: ${event.id} is one too many`);
  }

  #has(stream: StreamName, type: string, experimentId: number, attempt?: number): boolean {
    return this.database().stream(stream).some((event) => {
      const data = event.data as { experimentId: number; attempt?: number };
      return event.type === type && data.experimentId === experimentId && (attempt === undefined || data.attempt === attempt);
    });
  }
}

function idsOf(orders: readonly ExperimentOrder[]): string {
  return orders.map(({ experimentId }) => experimentId).join(', ');
}
