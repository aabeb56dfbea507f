// Who is calling?
import type { FastifyRequest } from 'fastify';
import { Refusal } from '#decider';
import { readRunToken } from '#service-host';
import type { User, Users } from '../users/users.ts';
import type { ExperimentsView } from '../views/experiments.view.ts';
import { refuseForeign, sessionIn } from './session-cookie.ts';

/** Somebody who has logged in, or the program of a run, which speaks for its own experiment only. */
export type Caller = { readonly kind: 'user'; readonly user: User } | { readonly kind: 'run'; readonly experimentId: number; readonly attempt: number };

/** Who did it, as events and idempotency keys name it. */
export function nameOf(caller: Caller): string {
  return caller.kind === 'user' ? caller.user.username : `run.${caller.experimentId}.${caller.attempt}`;
}

/** `Token` of the original, `Bearer` of everybody else; the scheme's case does not matter. */
const header = /^(?:token|bearer) +([\x21-\x7e]{1,512})$/i;

export class Authentication {
  readonly #callers = new WeakMap<object, Promise<Caller | null>>();

  constructor(
    private readonly users: Users,
    private readonly experiments: ExperimentsView,
    private readonly runTokenSecret: string,
  ) {}

  /** Null without a token and without a session; refused with one that is nobody's. Asked once a request. */
  callerOf(request: FastifyRequest): Promise<Caller | null> {
    const known = this.#callers.get(request);
    if (known) return known;
    const { authorization } = request.headers;
    const caller = authorization === undefined ? this.#inSession(request) : this.identify(authorization);
    caller.catch(() => undefined); // told to whoever asks
    this.#callers.set(request, caller);
    return caller;
  }

  /** Of somebody who has logged in to the page: never a run. */
  async #inSession(request: FastifyRequest): Promise<Caller | null> {
    const token = sessionIn(request.headers);
    if (token === null) return null;
    refuseForeign(request);
    const user = await this.users.ofToken(token);
    if (!user) throw this.#refused();
    return { kind: 'user', user };
  }

  async identify(authorization: string | undefined): Promise<Caller | null> {
    if (authorization === undefined) return null;
    const token = tokenIn(authorization);
    if (token === null) throw this.#refused();
    const run = readRunToken(this.runTokenSecret, token);
    if (run) return this.#liveRun(run);
    const user = await this.users.ofToken(token);
    if (!user) throw this.#refused();
    return { kind: 'user', user };
  }

  #refused(): Refusal {
    this.users.failures.inc({ reason: 'token' });
    return new Refusal('not-authenticated', 'the token is not valid (any more)', 'polyaxon login');
  }

  /**
   * Good until its experiment is done, or its attempt is over and another follows. An attempt the view does not know of yet is the newest one: only the scheduler can have signed it,
   * and its events are a moment behind.
   */
  async #liveRun({ experimentId, attempt }: { experimentId: number; attempt: number }): Promise<Caller> {
    const experiment = await this.experiments.find(experimentId);
    if (experiment && !experiment.isDone && attempt >= experiment.attempt && attempt > experiment.overAttempt) return { kind: 'run', experimentId, attempt };
    this.users.failures.inc({ reason: 'run' });
    throw new Refusal('not-authenticated', `this token was good for attempt ${attempt} of experiment ${experimentId}, which has ended`);
  }
}

export function tokenIn(authorization: string | undefined): string | null {
  return header.exec(authorization ?? '')?.[1] ?? null;
}

/** Whose projects, and the public ones, the caller reads; null: all of them. */
export function readerOf(caller: Caller): string | null {
  if (caller.kind === 'run') throw new Refusal('not-allowed', 'the token of a run is good for its own experiment only');
  return caller.user.isSuperuser ? null : caller.user.username;
}
