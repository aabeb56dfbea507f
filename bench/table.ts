// How does a reader see at a glance which goals are met?
import Table from 'cli-table3';
import type { BenchResult, BenchRow } from './result.ts';

const frameless = {
  top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '',
  left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ',
};

export function tableOf(rows: readonly BenchRow[]): string {
  const table = new Table({
    head: ['', 'ours', 'peer', 'ratio', 'goal', 'met'],
    chars: frameless,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: ['left', 'right', 'right', 'right', 'left', 'left'],
  });
  for (const row of rows) table.push('notRun' in row ? [row.name, 'not run', '', '', '', ''] : cellsOf(row));
  const peers = new Map(rows.flatMap((row) => ('notRun' in row || row.peer === null ? [] : [[row.name, row.peer] as const])));
  const notes = [...peers].map(([name, peer]) => `  ${name}: ${peer}`);
  const reasons = rows.flatMap((row) => ('notRun' in row ? [`  ${row.name}: ${row.notRun}`] : []));
  return [table.toString(), ...section('Compared with', notes), ...section('Not run', reasons)].join('\n');
}

export function isMet({ ours, ratio, goal, bound }: BenchResult): boolean | null {
  if (goal === null) return null;
  const measured = ratio ?? ours;
  return bound === 'at least' ? measured >= goal : measured <= goal;
}

function cellsOf(row: BenchResult): string[] {
  const { name, ours, theirs, ratio, goal, bound, unit } = row;
  const met = isMet(row);
  return [
    name, `${amount(ours)} ${unit}`, theirs === null ? '' : `${amount(theirs)} ${unit}`, ratio === null ? '' : ratio.toFixed(2),
    goal === null ? '' : `${bound} ${amount(goal)}${ratio === null ? ` ${unit}` : ''}`, met === null ? '' : met ? 'yes' : 'NO',
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length > 0 ? ['', `${title}:`, ...lines] : [];
}

/** Three digits that mean something. */
function amount(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)));
}
