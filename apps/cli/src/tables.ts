// How do rows look to a person? Aligned columns without frames, times as "2m ago", statuses in their colours.
import type { Measure } from '#contracts';
import type { Paint } from './output.ts';

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string | number | boolean | null | undefined;
  /** Shown by `-o wide` only. */
  readonly wide?: boolean;
}

export async function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], { paint, wide }: { paint: Paint; wide: boolean }): Promise<string> {
  const shown = columns.filter((column) => wide || !column.wide);
  return aligned([shown.map(({ title }) => paint.dim(title)), ...rows.map((row) => shown.map(({ value }) => cell(value(row))))]);
}

/** One thing, a property a line. */
export async function properties(of: Readonly<Record<string, string | number | boolean | null | undefined>>, paint: Paint): Promise<string> {
  const given = Object.entries(of).filter(([, value]) => value !== null && value !== undefined && value !== '');
  return aligned(given.map(([key, value]) => [paint.dim(key), cell(value)]));
}

async function aligned(lines: readonly string[][]): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const none = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' };
  const chars = { ...none, left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' };
  const drawn = new Table({ chars, style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] } });
  drawn.push(...lines.map((line) => [...line]));
  return drawn.toString().replaceAll(/ +$/gm, '');
}

function cell(value: string | number | boolean | null | undefined): string {
  return value === null || value === undefined ? '' : String(value);
}

export function paintedStatus(status: string, paint: Paint): string {
  if (status === 'created') return paint.cyan(status);
  if (status === 'succeeded') return paint.green(status);
  return ['failed', 'stopped', 'upstream_failed'].includes(status) ? paint.red(status) : paint.yellow(status);
}

/** `2m ago`; the exact time is in the other formats. */
export function ago(time: string | null | undefined, now: number): string {
  if (!time) return '';
  const seconds = Math.max(0, Math.round((now - Date.parse(time)) / 1000));
  const [size, unit] = (
    [
      [86_400, 'd'],
      [3_600, 'h'],
      [60, 'm'],
      [1, 's'],
    ] as const
  ).find(([size]) => seconds >= size) ?? [1, 's'];
  return `${Math.floor(seconds / size)}${unit} ago`;
}

/** As many digits as a person compares; the other formats have them all. */
export function measured(values: Readonly<Record<string, Measure>> | null | undefined): Readonly<Record<string, Measure>> {
  return Object.fromEntries(
    Object.entries(values ?? {}).map(([name, value]) => [name, typeof value !== 'number' || Number.isInteger(value) ? value : Number(value.toPrecision(6))]),
  );
}

/** `lr=0.5 epochs=3` */
export function pairs(of: Readonly<Record<string, unknown>> | null | undefined): string {
  return Object.entries(of ?? {})
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}
