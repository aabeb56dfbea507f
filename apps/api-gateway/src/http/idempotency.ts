// Was this very request answered before?
import { createHmac } from 'node:crypto';
import type { Pool } from 'pg';
import { Column, Entity, Index, PrimaryColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { Refusal } from '#decider';
import { viewsSchema as schema } from '../views/view.ts';

/** One row a key: open while it is worked on, answered once something has happened. */
@Entity({ name: 'idempotency_keys', schema })
@Index('idempotency_keys_by_age', ['createdAt'])
export class IdempotencyKeyRow {
  @PrimaryColumn({ name: 'caller', type: 'text' }) caller!: string;
  @PrimaryColumn({ type: 'text' }) key!: string;
  @Column({ name: 'request_hash', type: 'text' }) requestHash!: string;
  @Column({ type: 'text' }) state!: 'open' | 'answered';
  /** Whoever finds it open after this may take it over: its worker has died. */
  @Column({ name: 'locked_until', type: 'timestamptz' }) lockedUntil!: Date;
  /** Number of the experiment or group that is made under this key: named before it is made, so that a second try makes the same one. */
  @Column({ name: 'experiment_id', type: 'integer', nullable: true }) experimentId!: number | null;
  @Column({ type: 'integer', nullable: true }) status!: number | null;
  @Column({ name: 'response_type', type: 'text', nullable: true }) responseType!: string | null;
  @Column({ name: 'response_body', type: 'text', nullable: true }) responseBody!: string | null;
  @Column({ name: 'created_at', type: 'timestamptz' }) createdAt!: Date;
}

export class IdempotencyKeys1700000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE api_gateway.idempotency_keys (
        caller text NOT NULL, key text NOT NULL, request_hash text NOT NULL, state text NOT NULL, locked_until timestamptz NOT NULL, experiment_id integer,
        status integer, response_type text, response_body text, created_at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (caller, key)
      );
      CREATE INDEX idempotency_keys_by_age ON api_gateway.idempotency_keys (created_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE api_gateway.idempotency_keys`);
  }
}

export interface Answer {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: string;
}

/** The right to work on a request, as long as this process lives. */
export interface Claim {
  readonly caller: string;
  readonly key: string;
  /** The one before died in the middle of it, or its answer was no: what it did, if anything, must be found and not done again. */
  readonly again: boolean;
}

/** A lock outlives its process by this much at most: who repeats a request after a crash of ours waits no longer. */
const lockSeconds = 6;
const renewedEveryMs = 2000;
const keptHours = 24;

/**
 * `pool` commits without waiting for the disk. That is enough: commits reach the disk in order, so an event that survives has the row that names its experiment before it,
 * and a lost answer is found again by the id.
 */
export class Idempotency {
  readonly #open = new Set<Claim>();

  constructor(
    private readonly pool: Pool,
    private readonly secret: string,
  ) {
    setInterval(() => void this.#renew().catch(() => undefined), renewedEveryMs).unref(); // a lost renewal is made good by the next
  }

  /** What makes two requests the same one; a slash at the end does not matter. Keyed, so that a password in a body can't be guessed from it. */
  hashOf(method: string, url: string, body: unknown): string {
    return createHmac('sha256', this.secret).update(JSON.stringify([method, url.replace(/\/(?=\?|$)/, ''), body ?? null])).digest('hex');
  }

  /** A claim, or the answer that was given. Refused while another works on it, and when the key was used for something else. */
  async begin(caller: string, key: string, requestHash: string): Promise<Claim | Answer> {
    if (!/^[\x21-\x7e]{1,255}$/.test(key)) throw new Refusal('request-invalid', 'an Idempotency-Key is 1 to 255 printable characters without blanks');
    const { rows } = await this.pool.query<{ again: boolean }>(
      `INSERT INTO api_gateway.idempotency_keys AS k (caller, key, request_hash, state, locked_until)
       VALUES ($1, $2, $3, 'open', clock_timestamp() + make_interval(secs => $4))
       ON CONFLICT (caller, key) DO UPDATE SET locked_until = EXCLUDED.locked_until
         WHERE k.state = 'open' AND k.request_hash = EXCLUDED.request_hash AND k.locked_until < clock_timestamp()
       RETURNING xmax <> 0 AS again`,
      [caller, key, requestHash, lockSeconds],
    );
    if (rows[0]) {
      const claim = { caller, key, again: rows[0].again };
      this.#open.add(claim);
      return claim;
    }
    return this.#known(caller, key, requestHash);
  }

  async #known(caller: string, key: string, requestHash: string): Promise<Answer> {
    const { rows } = await this.pool.query<{ request_hash: string; state: string; status: number; response_type: string | null; response_body: string }>(
      `SELECT request_hash, state, status, response_type, response_body FROM api_gateway.idempotency_keys WHERE caller = $1 AND key = $2`,
      [caller, key],
    );
    const [row] = rows;
    if (row && row.request_hash !== requestHash) throw new Refusal('idempotency-key-reused', 'this Idempotency-Key was used for another request');
    if (row?.state === 'answered') return { status: row.status, contentType: row.response_type, body: row.response_body };
    throw new Refusal('request-in-progress', 'a request with this Idempotency-Key is being worked on; try again in a moment');
  }

  /** The id that an earlier try has set aside, if there was one and it came that far. */
  async knownNumber({ caller, key, again }: Claim): Promise<number | null> {
    if (!again) return null;
    const { rows } = await this.pool.query<{ experiment_id: number | null }>(`SELECT experiment_id FROM api_gateway.idempotency_keys WHERE caller = $1 AND key = $2`, [caller, key]);
    return rows[0]?.experiment_id ?? null;
  }

  /** The number that the experiment or group of this request has, whenever and however often it is tried. */
  async numberOf({ caller, key }: Claim, what: 'experiment' | 'group'): Promise<number> {
    const { rows } = await this.pool.query<{ experiment_id: number }>(
      `UPDATE api_gateway.idempotency_keys SET experiment_id = coalesce(experiment_id, nextval('api_gateway.${what}_ids'))
       WHERE caller = $1 AND key = $2 RETURNING experiment_id`,
      [caller, key],
    );
    if (!rows[0]) throw new Refusal('request-in-progress', 'this Idempotency-Key is too old to go on with; use a new one');
    return rows[0].experiment_id;
  }

  async answered(claim: Claim, { status, contentType, body }: Answer): Promise<void> {
    this.#open.delete(claim);
    const { caller, key } = claim;
    await this.pool.query(
      `UPDATE api_gateway.idempotency_keys SET state = 'answered', status = $3, response_type = $4, response_body = $5 WHERE caller = $1 AND key = $2`,
      [caller, key, status, contentType, body],
    );
  }

  /** Nothing is known to have happened: whoever tries again works on it again, under the same id. */
  async reopen(claim: Claim): Promise<void> {
    this.#open.delete(claim);
    const { caller, key } = claim;
    await this.pool.query(`UPDATE api_gateway.idempotency_keys SET locked_until = clock_timestamp() WHERE caller = $1 AND key = $2 AND state = 'open'`, [caller, key]);
  }

  async #renew(): Promise<void> {
    if (this.#open.size === 0) return;
    const claims = [...this.#open];
    await this.pool.query(
      `UPDATE api_gateway.idempotency_keys k SET locked_until = clock_timestamp() + make_interval(secs => $3)
       FROM unnest($1::text[], $2::text[]) AS o (caller, key) WHERE (k.caller, k.key) = (o.caller, o.key) AND k.state = 'open'`,
      [claims.map(({ caller }) => caller), claims.map(({ key }) => key), lockSeconds],
    );
  }

  async prune(): Promise<void> {
    await this.pool.query(`DELETE FROM api_gateway.idempotency_keys WHERE created_at < clock_timestamp() - make_interval(hours => $1)`, [keptHours]);
  }
}
