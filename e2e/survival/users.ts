// What do users ask for while parts of the platform die, and what are they told? All of it goes into a journal, for the audit.
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { setTimeout as pass } from 'node:timers/promises';

/** Of a user whose command is answered by nobody while parts are away. */
const patienceMs = 180_000;
const answerWithinMs = 10_000;

export interface UsersOptions {
  /** Of the gateways; whoever isn't answered by one asks another. */
  readonly urls: () => readonly string[];
  readonly token: string;
  /** The path of a project that holds the code. */
  readonly project: string;
  readonly journal: string;
  /** Resolves when not too much of what was asked for is still waiting. */
  readonly turn: () => Promise<void>;
  readonly random: () => number;
}

interface Acknowledged {
  readonly id: number;
}

export type Verb = 'create' | 'stop' | 'resume' | 'restart' | 'copy';

const weights: Readonly<Record<Verb, number>> = { create: 25, stop: 20, resume: 25, restart: 10, copy: 20 };
const commandOf = (lines: number): string => `python3 program.py ${lines} # {{ n }}`;
const linesMax = 40;

/** Each line of the journal is one thing that was asked, answered, or done to the platform. */
export class Users {
  readonly acknowledged: Acknowledged[] = [];
  readonly refused = new Map<string, number>();
  answered = 0;
  #turn = 0;

  constructor(private readonly options: UsersOptions) {}

  note(entry: Readonly<Record<string, unknown>>): void {
    appendFileSync(this.options.journal, `${JSON.stringify({ at: new Date().toISOString(), ...entry })}\n`);
  }

  /** So many users, one command after the other each. */
  async ask(commands: number, users: number): Promise<void> {
    await Promise.all(Array.from({ length: users }, async (_, user) => {
      for (let left = Math.ceil((commands - user) / users); left > 0; left -= 1) {
        await this.options.turn();
        await this.#one();
        this.answered += 1;
      }
    }));
  }

  async #one(): Promise<void> {
    const { random } = this.options;
    const { id } = this.acknowledged[Math.floor(random() * this.acknowledged.length)] ?? { id: 0 };
    const verb = id === 0 ? 'create' : this.#pick();
    await this.do(verb, id);
  }

  /** The number of the experiment that was made, if one was. */
  do(verb: Verb, id = 0, lines = linesMax): Promise<number | null> {
    const { project } = this.options;
    if (verb === 'create') {
      const content = JSON.stringify({ version: 1, kind: 'experiment', params: { n: 0 }, run: { cmd: commandOf(lines) } });
      return this.write(verb, id, `${project}/experiments`, { content, is_managed: true });
    }
    const override = JSON.stringify({ params: { n: this.acknowledged.length }, run: { cmd: commandOf(lines) } });
    return this.write(verb, id, `${project}/experiments/${id}/${verb}`, verb === 'stop' ? {} : { content: override });
  }

  /** Asked again, with its key, until somebody has answered. */
  async write(verb: string, id: number, path: string, body: object): Promise<number | null> {
    const key = randomUUID();
    this.note({ asked: verb, key, of: id });
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const answer = await this.#send(path, key, body);
      const again = !answer || answer.status >= 500 || answer.status === 429 || answer.body.code === 'request-in-progress';
      if (!again) {
        const made = answer.status === 201 ? answer.body.id ?? null : null;
        this.note({ answered: verb, key, status: answer.status, of: id, id: made, code: answer.body.code ?? null });
        if (made !== null) this.acknowledged.push({ id: made });
        else if (answer.status >= 400) this.refused.set(`${verb} ${answer.body.code}`, (this.refused.get(`${verb} ${answer.body.code}`) ?? 0) + 1);
        return made;
      }
      if (performance.now() > deadline) throw new Error(`${verb} of ${id} is not answered within ${patienceMs / 1000} s: ${JSON.stringify(answer)}`);
      await pass(50);
    }
  }

  async #send(path: string, key: string, body: object): Promise<{ status: number; body: { id?: number; code?: string } } | null> {
    const urls = this.options.urls();
    const url = urls[this.#turn++ % urls.length] ?? '';
    try {
      const headers = { authorization: `Token ${this.options.token}`, 'content-type': 'application/json', 'idempotency-key': key };
      const response = await fetch(`${url}/api/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body), signal: AbortSignal.timeout(answerWithinMs) });
      const text = await response.text();
      return { status: response.status, body: text.startsWith('{') ? (JSON.parse(text) as { id?: number }) : {} };
    } catch {
      return null; // nobody is there, or it stood still
    }
  }

  #pick(): Verb {
    const entries = Object.entries(weights) as [Verb, number][];
    let at = this.options.random() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [choice, weight] of entries) if ((at -= weight) < 0) return choice;
    return 'create';
  }
}
