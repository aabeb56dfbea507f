// Is something of a console that is sent here still to come, and is it needed any more?
import type { Pool } from 'pg';
import type { PushedConsole } from './pushed-address.ts';

/** As the tables of the archive say. */
export class ConsoleStates {
  constructor(private readonly pool: Pool) {}

  /** Something that it has printed may still be added to what is here. */
  async mayCome({ experimentId, attempt }: Omit<PushedConsole, 'replica'>): Promise<boolean> {
    const { rows } = await this.pool.query<{ state: string | null; is_over: boolean; is_deleted: boolean }>(
      `SELECT archive.state, COALESCE(run.is_over, false) AS is_over, COALESCE(run.is_deleted, false) AS is_deleted
       FROM (SELECT) AS nothing
       LEFT JOIN log_collector.runs AS run ON run.experiment_id = $1
       LEFT JOIN log_collector.archives AS archive ON archive.experiment_id = $1 AND archive.attempt = $2`,
      [experimentId, attempt],
    );
    const { state = null, is_over: isOver = false, is_deleted: isDeleted = false } = rows[0] ?? {};
    if (isDeleted) return false;
    return state === null ? !isOver : state === 'following' || state === 'ending';
  }

  /** It is in `run.log`, or nobody will ever ask for it: what is kept of it beside that may go. */
  async isSettled({ experimentId, attempt }: Omit<PushedConsole, 'replica'>): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      `SELECT FROM log_collector.runs AS run LEFT JOIN log_collector.archives AS archive ON archive.experiment_id = run.experiment_id AND archive.attempt = $2
       WHERE run.experiment_id = $1 AND COALESCE(archive.state = 'archived', run.is_over)`,
      [experimentId, attempt],
    );
    return rowCount === 1;
  }
}
