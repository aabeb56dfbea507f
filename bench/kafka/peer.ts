// How fast is graphile-worker at the same? Jobs whose task does nothing, in a process of their own.
import { Logger, run, type Runner } from 'graphile-worker';
import { tuning } from './tuning.ts';

export type PeerOrder = 'work' | 'rest' | 'report';

let handled: string[] = [];
let runner: Runner | undefined;

async function obey(order: PeerOrder): Promise<readonly string[]> {
  if (order === 'work') {
    runner = await run({
      connectionString: process.env.DATABASE_URL as string,
      noHandleSignals: true,
      logger: new Logger(() => () => undefined),
      preset: { worker: tuning },
      taskList: { nothing: async (_, { job }) => void handled.push(job.id) },
    });
  } else if (order === 'rest') await runner?.stop();
  else {
    const report = handled;
    handled = [];
    return report;
  }
  return [];
}

process.on('message', (order: PeerOrder) => void obey(order).then((report) => process.send?.(report)));
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
