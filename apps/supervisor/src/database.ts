// Which database does the platform use when it isn't given one?
import { PostgresUnavailable, startEmbeddedPostgres } from '#event-store';
import { CannotStart } from './cannot-start.ts';
import { full } from './home.ts';
import { Kept } from './kept.ts';
import { freePorts } from './ports.ts';

export interface Database {
  readonly url: string;
  readonly kept: Kept;
}

/** A Postgres in `folder`, on the same port as long as the platform runs. */
export async function startDatabase(folder: string, tell: (line: string) => void): Promise<Database> {
  const [port] = (await freePorts(1)) as [number];
  const start = () => startEmbeddedPostgres({ folder, port });
  try {
    const first = await start();
    return { url: first.url, kept: new Kept('the database', first, start, tell) };
  } catch (error) {
    if (!(error instanceof PostgresUnavailable)) throw error;
    if (/No space left|Disk quota/i.test(error.message)) throw full(folder, 0);
    throw new CannotStart(error.message, 'give it a database of your own with POLYAXON_DATABASE_URL=postgres://..., or look at the reason above');
  }
}
