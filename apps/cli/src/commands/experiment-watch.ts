// What does an experiment print, what happens to it, and when is it done?
import type { HistoryEntry } from '#contracts';
import { exitCodes, usageFailure } from '../failure.ts';
import { printPastLogs, printTail } from '../past-logs.ts';
import { printHits } from '../search-logs.ts';
import type { Run } from '../tree.ts';
import { experimentPath, type ExperimentOptions } from '../session.ts';
import { followEvents, printEvent } from '../follow-events.ts';
import { waitUntilDone, watchLogs } from '../watch.ts';
import { wholeNumber } from './lists.ts';

interface LogsOptions extends ExperimentOptions {
  readonly follow?: boolean;
  readonly past?: boolean;
  readonly tail?: string;
  readonly hideTime?: boolean;
  readonly attempt?: string;
  readonly search?: string;
  readonly regex?: boolean;
  readonly matchCase?: boolean;
}

export const logs: Run<LogsOptions> = async (session, options) => {
  const { follow, attempt, hideTime = false } = options;
  const tail = options.tail === undefined ? undefined : wholeNumber(options.tail, '--tail');
  if (attempt !== undefined && !/^(all|[1-9]\d*)$/.test(attempt)) throw usageFailure(`--attempt takes a number or all, not ${JSON.stringify(attempt)}`);
  if (follow && attempt) throw usageFailure('what one attempt printed is read as it is; only a whole log can be followed', 'leave -f or --attempt out');
  const { search, regex = false, matchCase = false } = options;
  if (search === undefined && (regex || matchCase)) throw usageFailure('--regex and --match-case belong to --search TEXT');
  if (search !== undefined && (follow || tail !== undefined)) throw usageFailure('--search looks through all that was printed until now; leave -f and --tail out');
  const address = await session.experiment(options);
  if (search !== undefined) return printHits(session, address, { text: search, isExpression: regex, matchesCase: matchCase, attempt });
  if (follow && tail === undefined) return watchLogs(session, address, 0, { hideTime });
  const past = { hideTime, attempt };
  const next = tail === undefined ? await printPastLogs(session, address, past) : await printTail(session, address, tail, past);
  return follow ? watchLogs(session, address, next, { hideTime }) : exitCodes.ok;
};

export const wait: Run<ExperimentOptions & { readonly timeout?: string }> = async (session, options) => {
  const seconds = options.timeout === undefined ? undefined : Number(options.timeout);
  if (seconds !== undefined && !(seconds >= 0)) throw usageFailure(`--timeout takes seconds, not ${JSON.stringify(options.timeout)}`);
  return waitUntilDone(session, await session.experiment(options), seconds);
};

export const events: Run<ExperimentOptions & { readonly since?: string }> = async (session, options) => {
  const address = await session.experiment(options);
  session.onInterrupt(`stopped watching; experiment ${address.id} goes on`);
  const isLast = ({ type }: HistoryEntry) => type === 'ExperimentDone';
  await followEvents(session, { path: `${experimentPath(address)}/events`, since: options.since, isLast }, (entry) => printEvent(session.out, entry));
};
