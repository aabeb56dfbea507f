// How is one page of a list asked for and shown?
import type { Command } from 'commander';
import type { Page } from '#contracts';
import type { Query } from '../api-client.ts';
import { usageFailure } from '../failure.ts';
import type { Paint } from '../output.ts';
import type { Session } from '../session.ts';
import { table, type Column } from '../tables.ts';

export interface PageOptions {
  readonly page?: string;
  readonly limit?: string;
}

const usualLimit = 20;

export function withPages(command: Command): Command {
  return command.option('--page <number>', 'which page, from 1').option('--limit <rows>', `rows a page (${usualLimit})`);
}

export function pageQuery({ page, limit }: PageOptions): Query {
  const rows = limit === undefined ? undefined : wholeNumber(limit, '--limit', 1);
  const offset = page === undefined ? 0 : (wholeNumber(page, '--page', 1) - 1) * (rows ?? usualLimit);
  return { offset: offset || undefined, limit: rows };
}

export function wholeNumber(text: string, option: string, least = 0): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) < least) throw usageFailure(`${option} takes a whole number from ${least}, not ${JSON.stringify(text)}`);
  return Number(text);
}

export async function showPage<Row>(
  { out }: Session,
  page: Page<Row>,
  shown: { readonly columns: (paint: Paint) => readonly Column<Row>[]; readonly name: (row: Row) => string; readonly none: string },
  { page: number = '1' }: PageOptions,
): Promise<void> {
  const { results, count, next } = page;
  await out.result(page, {
    text: (paint, wide) => (results.length === 0 ? (count > 0 ? `Nothing is on page ${number}: there are ${count} in all.` : shown.none) : table(results, shown.columns(paint), { paint, wide })),
    name: results.map(shown.name),
  });
  if (next) out.notice(`${results.length} of ${count}; --page ${Number(number) + 1} has more`);
}

export function tagsOf(tags: string | undefined): readonly string[] | undefined {
  return tags
    ?.split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}
