// What do users ask for, in any order, at the same time, and twice?
import { Refusal } from '#decider';
import { kindOf } from '#messaging';
import type { Experiments, Reservation } from '../../apps/api-gateway/src/experiment/experiments.ts';
import type { Clock } from './clock.ts';
import type { Life } from './life.ts';
import type { Random } from '#testing';
import { project } from './services.ts';

/** The gateway as it is now; undefined: it is being started again. */
export type Gateway = { readonly life: Life; readonly experiments: Experiments } | undefined;

interface Request {
  readonly what: string;
  /** As an `Idempotency-Key` keeps it: sent again, it is the same experiment. */
  id: number | null;
  isAnswered: boolean;
  ask(experiments: Experiments, reserved: Reservation): Promise<unknown>;
}

export interface Known {
  readonly id: number;
  readonly state: 'live' | 'done';
}

const experimentsMax = 8;
/** As often as it stands here. */
const verbs = ['create', 'resume', 'resume', 'resume', 'copy', 'copy', 'restart', 'stop', 'stop', 'delete'] as const;

export class Users {
  requestsLeft: number;
  readonly #requests: Request[] = [];
  #lastId = 0;

  constructor(
    private readonly random: Random,
    private readonly clock: Clock,
    private readonly gateway: () => Gateway,
    private readonly known: () => readonly Known[],
    private readonly broken: (why: string) => void,
  ) {
    this.requestsLeft = 4 + random.below(8);
    this.#planNext(0);
  }

  get areContent(): boolean {
    return this.requestsLeft === 0 && this.#requests.every(({ isAnswered }) => isAnswered);
  }

  /** Those who got no answer ask again, or leave it. */
  askAgain(): void {
    for (const request of this.#requests) {
      if (request.isAnswered) continue;
      if (this.random.chance(0.7)) this.#send(request);
      else request.isAnswered = true;
    }
  }

  #planNext(afterMs: number): void {
    this.clock.plan(afterMs, undefined, () => {
      this.requestsLeft -= 1;
      this.#act();
      if (this.requestsLeft > 0) this.#planNext(this.random.below(this.random.chance(0.3) ? 50 : 3000));
    });
  }

  #act(): void {
    const { random } = this;
    const request = this.#next();
    this.#requests.push(request);
    this.#send(request);
    if (random.chance(0.15)) this.#send(request); // the client lost patience
    if (!request.what.startsWith('resume') || !random.chance(0.4)) return;
    const rival: Request = { ...request, what: `${request.what}, a rival` };
    this.#requests.push(rival);
    this.#send(rival);
  }

  #next(): Request {
    const { random } = this;
    const known = this.known();
    const verb = known.length === 0 ? 'create' : random.pick(known.length < experimentsMax ? verbs : ['stop', 'delete', 'resume'] as const);
    if (verb === 'create') return this.#request(verb, (experiments, reserved) => experiments.create(project, wanted, 'mona', reserved));
    const fits = verb === 'stop' || (verb === 'copy' && random.chance(0.5)) ? 'live' : 'done';
    const wished = known.filter(({ state }) => state === fits);
    const { id } = random.pick(wished.length > 0 && random.chance(0.85) ? wished : known);
    const what = `${verb} ${id}`;
    if (verb === 'delete') return this.#request(what, (experiments) => experiments.delete(id, 'mona'));
    if (verb === 'stop') return this.#request(what, (experiments) => experiments.stop(id, 'mona'));
    return this.#request(what, (experiments, reserved) => experiments[verb](id, {}, 'mona', reserved));
  }

  #request(what: string, ask: Request['ask']): Request {
    return { what, id: null, isAnswered: false, ask };
  }

  #send(request: Request): void {
    this.clock.plan(this.random.below(5), `a user asks: ${request.what}`, () => {
      const gateway = this.gateway();
      if (gateway) void this.#ask(request, gateway.life, gateway.experiments); // else it is asked again when it is there
    });
  }

  async #ask(request: Request, life: Life, experiments: Experiments): Promise<void> {
    const take = () => life.effect('reserves an id', () => (request.id ??= this.#lastId += 1));
    try {
      await request.ask(experiments, { known: request.id, take });
      request.isAnswered = true;
    } catch (error) {
      if (error instanceof Refusal) request.isAnswered = true;
      else if (kindOf(error) === 'transient') this.#send(request);
      else this.broken(`users never see a fault: ${request.what} got ${String((error as Error).stack)}`);
    }
  }
}

const wanted = { content: '{}', name: null, description: null, tags: [], ttl: null, isManaged: true, codeRevision: null };
