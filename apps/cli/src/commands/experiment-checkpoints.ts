// From what can an experiment be resumed, and did its program read what it was given?
import type { CheckpointOfferBody, CheckpointsBody, CheckpointSummary } from '#contracts';
import type { Paint } from '../output.ts';
import { setAsideText } from '../plan.ts';
import { bytesText } from '../progress.ts';
import { experimentPath, type ExperimentOptions } from '../session.ts';
import { ago, table, type Column } from '../tables.ts';
import type { Run } from '../tree.ts';

export const checkpoints: Run<ExperimentOptions> = async (session, options) => {
  const address = await session.experiment(options);
  const found = await session.api.get<CheckpointsBody>(`${experimentPath(address)}/checkpoints`);
  const text = async (paint: Paint, wide: boolean) => [await listed(found, paint, wide), ...offerLines(found.offer, paint)].join('\n');
  await session.out.result(found, { text, name: found.checkpoints.map(({ path }) => path) });
  if (found.outputs_owner_id !== address.id) session.out.notice(`These are the checkpoints of experiment ${found.outputs_owner_id}, whose outputs it writes.`);
  if (found.problem) session.out.notice(`A resume would be refused: ${found.problem}`);
  else if (found.next) session.out.notice(`A resume goes on from ${found.next.path}.`);
};

async function listed({ checkpoints: rows, next }: CheckpointsBody, paint: Paint, wide: boolean): Promise<string> {
  if (rows.length === 0) return 'No checkpoint is recognised.';
  const now = Date.now();
  const columns: Column<CheckpointSummary>[] = [
    { title: 'STEP', value: ({ step }) => step },
    { title: 'CHECKPOINT', value: ({ path }) => (path === next?.path ? paint.bold(path) : path) },
    { title: 'FRAMEWORK', value: ({ framework }) => framework },
    { title: 'SIZE', value: ({ sizeBytes }) => bytesText(sizeBytes) },
    { title: 'AGE', value: ({ modifiedAt }) => ago(modifiedAt, now) },
    { title: 'CHECKED', value: ({ compared }) => (compared ? 'contents' : 'structure'), wide: true },
    { title: 'STATE', value: ({ problem }) => (problem === null ? paint.green('complete') : paint.red(`damaged: ${problem}`)) },
  ];
  return table(rows, columns, { paint, wide });
}

function offerLines(offer: CheckpointOfferBody | null, paint: Paint): string[] {
  if (!offer) return [];
  const { offered, set_aside: setAside, read, read_how: how } = offer;
  const verdict = {
    read: paint.green('and its program read it'),
    'not-read': paint.red('and its program did not read it'),
    'started-at-zero': paint.red('and its program started at zero nevertheless'),
    unknown: 'and whether its program read it is not known',
  }[read];
  return [
    offered ? `It was given ${offered.path}, ${verdict}${how ? ` (${how})` : ''}.` : 'It was given no checkpoint.',
    ...setAside.map((one) => `Set aside in ${one.to}: ${setAsideText(one)}`),
  ];
}
