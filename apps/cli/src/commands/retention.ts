// Which outputs of a project are kept, and what would be freed?
import type { FreedOutputs, RetentionBody, RetentionRequest } from '#contracts';
import { exitCodes, usageFailure } from '../failure.ts';
import type { Paint } from '../output.ts';
import { bytesText, filesText } from '../progress.ts';
import { confirmed, isAttended } from '../prompt.ts';
import { projectPath, type ProjectOptions } from '../session.ts';
import { table, type Column } from '../tables.ts';
import type { Run } from '../tree.ts';
import { wholeNumber } from './lists.ts';

interface RetentionOptions extends ProjectOptions {
  readonly keepLast?: string;
  readonly keepBest?: string;
  readonly metric?: string;
  readonly order?: string;
  readonly apply?: boolean;
  readonly yes?: boolean;
}

/** Shows first, always; what is then done is what was shown, or nothing. */
export const retention: Run<RetentionOptions> = async (session, options) => {
  const rules = rulesOf(options);
  const address = session.project(options);
  const at = `${projectPath(address)}/retention`;
  const shown = await session.api.send<RetentionBody>('POST', `${at}/preview`, rules);
  const isDone = options.apply !== true || shown.freed.length === 0;
  if (isDone) {
    await session.out.result(shown, { text: (paint, wide) => text(shown, paint, wide), name: shown.freed.map(({ outputs_owner_id: id }) => String(id)) });
    if (!options.apply && shown.freed.length > 0) session.out.notice('Nothing was deleted: --apply does it.');
    return exitCodes.ok;
  }
  session.out.notice(await text(shown, session.out.paintNotice, false));
  if (!options.yes && !isAttended()) throw usageFailure('deleting without anybody to ask needs -y', 'the same command with -y');
  if (!options.yes && !(await confirmed(`Delete these outputs of ${address.user}/${address.project}?`))) return exitCodes.failure;
  const done = await session.api.send<RetentionBody>('POST', at, { ...rules, token: shown.token });
  await session.out.said(`Outputs are being deleted: ${summaryOf(done)}.`, done, done.freed.map(({ outputs_owner_id: id }) => String(id)).join('\n'));
  for (const { outputs_owner_id: id, detail } of done.refused) session.out.notice(`kept those of ${id} after all: ${detail}`);
  return exitCodes.ok;
};

function rulesOf({ keepLast, keepBest, metric, order }: RetentionOptions): RetentionRequest {
  const isWhole = keepBest === undefined ? metric === undefined && order === undefined : metric !== undefined && (order === 'asc' || order === 'desc');
  if (!isWhole || (keepLast ?? keepBest) === undefined)
    throw usageFailure('which outputs are kept must be said: --keep-last N, or --keep-best N with --metric NAME and --order asc|desc, or both', 'polyaxon project retention --keep-last 5');
  return {
    ...(keepLast !== undefined && { keep_last: wholeNumber(keepLast, '--keep-last', 1) }),
    ...(keepBest !== undefined && { keep_best: wholeNumber(keepBest, '--keep-best', 1), metric: metric ?? '', order: order as 'asc' | 'desc' }),
  };
}

async function text(shown: RetentionBody, paint: Paint, wide: boolean): Promise<string> {
  const columns: Column<FreedOutputs>[] = [
    { title: 'OUTPUTS OF', value: ({ outputs_owner_id: id }) => id },
    { title: 'SIZE', value: ({ size_bytes: size }) => bytesText(size) },
    { title: 'FILES', value: ({ files }) => files },
    { title: 'NO RESUME OR COPY OF', value: ({ experiments }) => experiments.join(', ') },
    { title: 'READ BY', value: ({ read_by: readers }) => readers.join(', ') },
    { title: 'PATH', value: ({ outputs_path: path }) => path, wide: true },
  ];
  const kept = [paint.dim(`kept: ${shown.kept.length}`), ...shown.kept.map(({ outputs_owner_id: id, reasons }) => `  ${id}: ${reasons.join('; ')}`)];
  const freed = shown.freed.length === 0 ? ['Nothing would be freed.'] : [await table(shown.freed, columns, { paint, wide }), `would free ${summaryOf(shown)}`];
  return [...freed, ...kept].join('\n');
}

function summaryOf({ freed, files, size_bytes: size }: RetentionBody): string {
  const experiments = freed.reduce((sum, one) => sum + one.experiments.length, 0);
  return `${bytesText(size)} in ${filesText(files)} of ${experiments === 1 ? '1 experiment' : `${experiments} experiments`}`;
}
