// What did an experiment and all that it resumes print, one after the other?
import type { DataSource } from 'typeorm';
import { Refusal } from '#decider';
import type { ConsolePart, ConsoleReader } from './console-reader.ts';

export interface JoinedPart {
  /** Bytes of the whole to skip. */
  readonly offset?: number | undefined;
  readonly limit?: number | undefined;
  /** The last lines only. */
  readonly tail?: number | undefined;
}

/** Of an experiment's log, with what the log-collector said of it. */
export type Begins = (experimentId: number, before: number, headers: Headers) => void;

/** Each log ends with a newline, and only the last one may still grow: two never write one outputs path. */
export class JoinedLogs {
  constructor(
    private readonly source: DataSource,
    private readonly consoles: ConsoleReader,
  ) {}

  /** The original first, the experiment itself last; a restart or a copy begins a chain of its own. */
  async chainOf(experimentId: number): Promise<number[]> {
    const rows = await this.source.query<{ id: number }[]>(
      `WITH RECURSIVE chain AS (
         SELECT id, source_id, cloning_strategy FROM api_gateway.experiments WHERE id = $1
         UNION SELECT e.id, e.source_id, e.cloning_strategy FROM api_gateway.experiments e JOIN chain ON e.id = chain.source_id AND chain.cloning_strategy = 'resume'
       ) SELECT id FROM chain ORDER BY id`,
      [experimentId],
    );
    return rows.map(({ id }) => id);
  }

  /** `begins` is told of each log just before its first byte, and how many bytes of the whole are before it. */
  async *read(chain: readonly number[], { offset = 0, limit = Infinity, tail }: JoinedPart, begins: Begins = () => undefined): AsyncGenerator<Uint8Array> {
    let [skip, left, before] = [tail === undefined ? offset : 0, limit, 0];
    for (const [id, part] of tail === undefined ? whole(chain) : await this.#lastLines(chain, tail)) {
      const base = before;
      for await (const chunk of this.#one(id, part, (headers) => begins(id, base, headers))) {
        before += chunk.length;
        const wanted = chunk.subarray(skip, skip + left);
        skip = Math.max(0, skip - chunk.length);
        left -= wanted.length;
        if (wanted.length > 0) yield wanted;
        if (left <= 0) return;
      }
    }
  }

  /** Which logs, and how many lines of each: from the end back, counted without being kept. */
  async #lastLines(chain: readonly number[], tail: number): Promise<[number, ConsolePart][]> {
    const parts: [number, ConsolePart][] = [];
    let missing = tail;
    for (const id of [...chain].reverse()) {
      if (missing <= 0) break;
      parts.unshift([id, { tail: missing }]);
      for await (const chunk of this.#one(id, { tail: missing }, () => undefined)) missing -= chunk.filter((byte) => byte === newline).length;
    }
    return parts;
  }

  async *#one(id: number, part: ConsolePart, begins: (headers: Headers) => void): AsyncGenerator<Uint8Array> {
    try {
      const { body, headers } = await this.consoles.read(id, part);
      begins(headers);
      for await (const chunk of body ?? []) yield chunk as Uint8Array;
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'logs-not-found') throw error; // it was deleted, or never started
    }
  }
}

const newline = 10;

function whole(chain: readonly number[]): [number, ConsolePart][] {
  return chain.map((id) => [id, {}]);
}
