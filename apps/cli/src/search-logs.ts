// Which lines of a log have what somebody looks for?
import type { LogSearchBody } from '#contracts';
import { experimentPath, type Session } from './session.ts';
import type { ExperimentAddress } from './workspace.ts';

export interface LogSearch {
  readonly text: string;
  readonly isExpression: boolean;
  readonly matchesCase: boolean;
  readonly attempt?: string | undefined;
}

const perPage = 1000;

/** All of them, each with its number, page by page as they come. */
export async function printHits({ api, out }: Session, address: ExperimentAddress, { text, isExpression, matchesCase, attempt }: LogSearch): Promise<void> {
  const query = { q: text, regex: isExpression ? 'true' : undefined, match_case: matchesCase ? 'true' : undefined, attempt, limit: perPage };
  for (let offset = 0; ; ) {
    const { results, count, lines, next, is_complete: isComplete } = await api.get<LogSearchBody>(`${experimentPath(address)}/logs/search`, { ...query, offset });
    for (const hit of results) out.line(out.structured ? JSON.stringify(hit) : `${out.paint.dim(`${hit.line}:`)} ${hit.text}`);
    offset += results.length;
    if (next !== null && results.length > 0) continue;
    out.notice(`${count} of ${lines} lines${isComplete ? '' : ' until now'}`);
    return;
  }
}
