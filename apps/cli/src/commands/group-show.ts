// What is a group, who are its members, and when is it done?
import { setTimeout as delay } from 'node:timers/promises';
import type { ExperimentBody, GroupBody, GroupStatusBody, Page } from '#contracts';
import { CommandFailure, exitCodes, usageFailure } from '../failure.ts';
import type { Paint } from '../output.ts';
import { groupPath, projectPath, type GroupOptions, type Session } from '../session.ts';
import { ago, paintedStatus, properties, type Column } from '../tables.ts';
import { ConnectionLost } from '../transport.ts';
import type { Run } from '../tree.ts';
import type { GroupAddress } from '../workspace.ts';
import { experimentColumns } from './experiment-columns.ts';
import { pageQuery, showPage, type PageOptions } from './lists.ts';

interface MembersOptions extends GroupOptions, PageOptions {
  readonly metrics?: boolean;
  readonly params?: boolean;
  readonly query?: string;
  readonly sort?: string;
}

export const get: Run<GroupOptions> = async (session, options) => {
  const address = session.group(options);
  const group = await session.api.get<GroupBody>(groupPath(address));
  session.workspace.rememberGroup(address, { begin: false });
  await showGroup(session, group);
  const { isGroupDone } = await import('#contracts');
  const g = `polyaxon group -g ${address.id}`;
  if (isGroupDone(group.last_status)) session.out.next(`${g} experiments`, ...(group.last_status === 'done' ? [] : [`${g} resume`]));
  else session.out.next(`${g} experiments`, `${g} wait`, `${g} stop`);
};

export async function showGroup({ out }: Session, group: GroupBody): Promise<void> {
  const now = Date.now();
  const shown = (paint: Paint, wide: boolean) => ({
    id: group.id,
    unique_name: group.unique_name,
    name: group.name,
    description: group.description,
    tags: group.tags.join(', '),
    status: paintedStatus(group.last_status, paint) + (group.last_status_message ? ` (${group.last_status_message})` : ''),
    members: countsOf(group),
    search: group.search_algorithm,
    iteration: group.iteration,
    concurrency: group.concurrency,
    seed: wide ? (group.hptuning.seed as number | undefined) : null,
    started_from: group.source_id === null ? null : `${group.source_id} (${group.cloning_strategy})`,
    code: wide ? group.code_revision : group.code_revision?.slice(0, 12),
    created: ago(group.created_at, now),
    started: ago(group.started_at, now),
    finished: ago(group.finished_at, now),
    took: group.total_run,
    uuid: wide ? group.uuid : null,
  });
  await out.result(group, { text: (paint, wide) => properties(shown(paint, wide), paint), name: String(group.id) });
}

export function countsOf(group: GroupBody): string {
  const states = ['pending', 'scheduled', 'running', 'succeeded', 'failed', 'stopped'] as const;
  const counted = states.flatMap((state) => (group[`num_${state}_experiments`] > 0 ? [`${group[`num_${state}_experiments`]} ${state}`] : []));
  return `${group.num_experiments}${counted.length > 0 ? `: ${counted.join(', ')}` : ''}`;
}

export const experiments: Run<MembersOptions> = async (session, options) => {
  const address = session.group(options);
  const { metrics, params, query, sort } = options;
  const asked = { group: String(address.id), ...(metrics && { metrics: 'True' }), ...(params && { params: 'True' }), ...(query !== undefined && { query }), ...(sort !== undefined && { sort }) };
  const page = await session.api.get<Page<ExperimentBody>>(`${projectPath(address)}/experiments`, { ...asked, ...pageQuery(options) });
  await showPage(
    session,
    page,
    { columns: (paint) => experimentColumns(page.results, paint, options), name: ({ id }) => String(id), none: `No experiments found for group \`${address.id}\`.` },
    options,
  );
};

export const statuses: Run<GroupOptions & PageOptions> = async (session, options) => {
  const address = session.group(options);
  const page = await session.api.get<Page<GroupStatusBody>>(`${groupPath(address)}/statuses`, pageQuery(options));
  const columns = (paint: Paint): readonly Column<GroupStatusBody>[] => [
    { title: 'STATUS', value: (one) => paintedStatus(one.status, paint) },
    { title: 'SINCE', value: (one) => ago(one.created_at, Date.now()) },
    { title: 'MESSAGE', value: (one) => one.message },
    { title: 'TIME', value: (one) => one.created_at, wide: true },
  ];
  await showPage(session, page, { columns, name: (one) => one.status, none: `No statuses found for group \`${address.id}\`.` }, options);
};

export const wait: Run<GroupOptions & { readonly timeout?: string }> = async (session, options) => {
  const seconds = options.timeout === undefined ? Infinity : Number(options.timeout);
  if (!(seconds >= 0)) throw usageFailure(`--timeout takes seconds, not ${JSON.stringify(options.timeout)}`);
  return waitForGroup(session, session.group(options), seconds);
};

const lookEveryMs = 1000;

/** 0 when its search came to its end; that some members have failed is part of a search. How they stand is said as it changes. */
export async function waitForGroup(session: Session, address: GroupAddress, timeoutSeconds = Infinity): Promise<number> {
  const { isGroupDone } = await import('#contracts');
  const { api, out } = session;
  const again = `polyaxon group -g ${address.id} wait`;
  session.onInterrupt(`stopped waiting; group ${address.id} goes on`, `next: ${again}`);
  const deadline = performance.now() + timeoutSeconds * 1000;
  for (let said = ''; ; ) {
    const group = await api.get<GroupBody>(groupPath(address)).catch((error: unknown) => {
      if (error instanceof ConnectionLost) return null; // a restart of the platform ends no wait
      throw error;
    });
    const now = group ? `${group.last_status}: ${countsOf(group)}` : said;
    if (group && isGroupDone(group.last_status)) {
      await out.result(group, { text: (paint) => paint.bold(group.last_status), name: String(group.id) });
      out.notice(`group ${group.id} is ${group.last_status}${group.last_status_message ? `: ${group.last_status_message}` : ''}; members ${countsOf(group)}`);
      out.next(`polyaxon group -g ${group.id} experiments -m -p`, ...(group.last_status === 'done' ? [] : [`polyaxon group -g ${group.id} resume`]));
      return group.last_status === 'done' ? exitCodes.ok : exitCodes.failure;
    }
    if (now !== said) out.notice(out.paintNotice.dim(`${(said = now)} ...`));
    const leftMs = deadline - performance.now();
    if (leftMs <= 0) throw new CommandFailure('timeout', exitCodes.timeout, `group ${address.id} was not done after ${timeoutSeconds} s: it is ${said || 'away'}`, again);
    await delay(Math.min(lookEveryMs, leftMs));
  }
}
