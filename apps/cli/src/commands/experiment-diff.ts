// What is different between two experiments?
import type { Difference, ExperimentComparison, FileDifference, FilesComparison } from '#contracts';
import { exitCodes, usageFailure } from '../failure.ts';
import type { Paint } from '../output.ts';
import { bytesText } from '../progress.ts';
import { experimentPath, type ExperimentOptions } from '../session.ts';
import { measured } from '../tables.ts';
import type { Run } from '../tree.ts';

const listedMax = 20;

export const diff: Run<ExperimentOptions & { readonly exitCode?: boolean }, [string, string?]> = async (session, options, first, second) => {
  const [one, other] = second === undefined ? [options.experiment, first] : [first, second];
  if (second !== undefined && options.experiment !== undefined) throw usageFailure('three experiments were named; two are compared', `polyaxon experiment diff ${first} ${second}`);
  if (!/^([-\w]+\.[-\w]+\.)?[1-9]\d*$/.test(other)) throw usageFailure(`an experiment is named by its number, or as USER.PROJECT.NUMBER, not ${JSON.stringify(other)}`);
  const address = await session.experiment({ ...options, ...(one !== undefined && { experiment: one }) });
  const comparison = await session.api.get<ExperimentComparison>(`${experimentPath(address)}/diff`, { with: other });
  await session.out.result(comparison, { text: (paint) => comparisonText(comparison, paint), name: comparison.same ? 'same' : 'different' });
  return options.exitCode && !comparison.same ? exitCodes.failure : exitCodes.ok;
};

export function comparisonText(comparison: ExperimentComparison, paint: Paint): string {
  const { before, after, specification, command, params, metrics, code, outputs } = comparison;
  const named = ({ id, name, last_status: status }: ExperimentComparison['before']) => `${id}${name ? ` ${name}` : ''} (${status})`;
  const sections: [string, string[]][] = [
    ['polyaxonfile', specification.flatMap((one) => differenceLines(one, paint))],
    ['command', command.before === command.after ? [] : [paint.red(`- ${command.before}`), paint.green(`+ ${command.after}`)]],
    ['params', params.flatMap((one) => differenceLines(one, paint))],
    ['metrics', metrics.map((one) => metricLine(one))],
    ['code', codeLines(code, paint)],
    ['outputs', outputs.files === null ? [] : filesLines(outputs.files, paint)],
  ];
  const shown = sections.filter(([, lines]) => lines.length > 0).flatMap(([title, lines]) => [paint.bold(title), ...lines.map((line) => `  ${line}`)]);
  const shared = outputs.files === null ? [paint.dim(`both write to the outputs path ${outputs.before}`)] : [];
  return [`${named(before)} -> ${named(after)}`, ...(comparison.same ? ['no differences'] : shown), ...shared].join('\n');
}

function differenceLines({ path, change, before, after }: Difference, paint: Paint): string[] {
  const removed = paint.red(`- ${path}: ${JSON.stringify(before)}`);
  const added = paint.green(`+ ${path}: ${JSON.stringify(after)}`);
  return change === 'added' ? [added] : change === 'removed' ? [removed] : [removed, added];
}

function metricLine({ name, before, after, difference }: ExperimentComparison['metrics'][number]): string {
  const { was, is, by } = measured({ was: before, is: after, by: difference });
  return `${name}: ${was ?? 'none'} -> ${is ?? 'none'}${typeof by === 'number' ? ` (${by > 0 ? '+' : ''}${by})` : ''}`;
}

function codeLines({ before, after, files }: ExperimentComparison['code'], paint: Paint): string[] {
  if (before === after) return [];
  const short = (revision: string | null) => revision?.slice(0, 12) ?? 'none';
  const revisions = `${short(before)} -> ${short(after)}`;
  if (files) return [revisions, ...filesLines(files, paint)];
  return [before === null || after === null ? revisions : `${revisions} (not both are stored here, so their files can't be compared)`];
}

function filesLines(comparison: FilesComparison, paint: Paint): string[] {
  const { files, added, removed, changed, unknown, same } = comparison;
  const counts = Object.entries({ added, removed, changed, same, 'too large to compare': unknown }).filter(([, count]) => count > 0);
  if (files.length === 0) return [];
  const more = added + removed + changed + unknown - Math.min(files.length, listedMax);
  return [...files.slice(0, listedMax).map((one) => fileLine(one, paint)), ...(more > 0 ? [`... and ${more} more`] : []), paint.dim(counts.map(([what, count]) => `${count} ${what}`).join(', '))];
}

function fileLine({ path, change, before_bytes: was, after_bytes: is }: FileDifference, paint: Paint): string {
  switch (change) {
    case 'added':
      return paint.green(`+ ${path} (${bytesText(is ?? 0)})`);
    case 'removed':
      return paint.red(`- ${path} (${bytesText(was ?? 0)})`);
    case 'changed':
      return paint.yellow(`~ ${path} (${was === is ? bytesText(is ?? 0) : `${bytesText(was ?? 0)} -> ${bytesText(is ?? 0)}`})`);
    case 'unknown':
      return `? ${path} (${bytesText(is ?? 0)})`;
    default:
      return change satisfies never;
  }
}
