// What is an experiment, what was it, and whose clone is it?
import type { CopyProgressBody, ExperimentBody, HistoryEntry, LineageBody, MetricBody, Page, StatusBody } from '#contracts';
import type { Paint } from '../output.ts';
import type { Run } from '../tree.ts';
import { experimentPath, type ExperimentOptions, type Session } from '../session.ts';
import { copyText } from '../progress.ts';
import { copyProgress } from '../watch.ts';
import { ago, measured, paintedStatus, pairs, properties, table, type Column } from '../tables.ts';
import { pageQuery, showPage, type PageOptions } from './lists.ts';

export const get: Run<ExperimentOptions> = async (session, options) => {
  const address = await session.experiment(options);
  const experiment = await session.api.get<ExperimentBody>(experimentPath(address));
  session.workspace.remember(address, { begin: false });
  const isFilled = experiment.cloning_strategy === 'copy' && ['created', 'copying'].includes(experiment.last_status);
  const copied = isFilled ? await copyProgress(session, address).catch(() => null) : null;
  await showExperiment(session, experiment, { copied, warnings: await warningsOf(session, experimentPath(address), experiment) });
  const xp = `polyaxon experiment -xp ${address.id}`;
  const { isDone } = await import('#contracts');
  if (experiment.outputs_state !== 'kept') session.out.next(`${xp} restart`, `${xp} logs`);
  else if (experiment.last_status === 'failed') session.out.next(`${xp} logs --tail 20`, `${xp} resume`, `${xp} restart`);
  else if (isDone(experiment.last_status)) session.out.next(`${xp} resume`, `${xp} restart`, `${xp} outputs`);
  else session.out.next(`${xp} logs -f`, `${xp} stop`);
};

/** Of those that go on from something, or were started again: an ordinary one is shown with one request. */
async function warningsOf({ api }: Session, path: string, { cloning_strategy: strategy, attempt }: ExperimentBody): Promise<string[]> {
  if (strategy === null && attempt <= 1) return [];
  const page = await api.get<Page<StatusBody>>(`${path}/statuses?limit=100`).catch(() => null); // they are in `statuses`, too
  return [...new Set((page?.results ?? []).flatMap(({ status, message }) => (status === 'warning' && message !== null ? [message] : [])))];
}

interface Beside {
  readonly copied?: CopyProgressBody | null;
  readonly warnings?: readonly string[];
}

export async function showExperiment({ out }: Session, experiment: ExperimentBody, { copied = null, warnings = [] }: Beside = {}): Promise<void> {
  const now = Date.now();
  const shown = (paint: Paint, wide: boolean) => ({
    id: experiment.id,
    unique_name: experiment.unique_name,
    name: experiment.name,
    description: experiment.description,
    tags: experiment.tags.join(', '),
    status: paintedStatus(experiment.last_status, paint) + (experiment.last_status_message ? ` (${experiment.last_status_message})` : ''),
    warnings: warnings.length === 0 ? null : warnings.join('\n'),
    exit_code: experiment.exit_code,
    cloned_from: experiment.source_id === null ? null : `${experiment.source_id} (${experiment.cloning_strategy})`,
    copied: copied && copyText(copied),
    params: pairs(experiment.params),
    last_metric: pairs(measured(experiment.last_metric)),
    command: experiment.command,
    outputs: { kept: experiment.outputs_path, deleting: 'are being deleted', deleted: 'were deleted' }[experiment.outputs_state] ?? experiment.outputs_path,
    pinned: experiment.is_pinned ? 'yes: its outputs stay' : null,
    logs: experiment.logs_path,
    code: wide ? experiment.code_revision : experiment.code_revision?.slice(0, 12),
    resources: wide ? pairs(experiment.resources as Readonly<Record<string, unknown>> | null) : null,
    created: ago(experiment.created_at, now),
    started: ago(experiment.started_at, now),
    finished: ago(experiment.finished_at, now),
    took: experiment.total_run,
    attempt: wide ? experiment.attempt : null,
    uuid: wide ? experiment.uuid : null,
  });
  await out.result(copied ? { ...experiment, copy_progress: copied } : experiment, { text: (paint, wide) => properties(shown(paint, wide), paint), name: String(experiment.id) });
}

export const statuses: Run<ExperimentOptions & PageOptions> = async (session, options) => {
  const address = await session.experiment(options);
  const page = await session.api.get<Page<StatusBody>>(`${experimentPath(address)}/statuses`, pageQuery(options));
  const columns = (paint: Paint): readonly Column<StatusBody>[] => [
    { title: 'STATUS', value: (one) => paintedStatus(one.status, paint) },
    { title: 'SINCE', value: (one) => ago(one.created_at, Date.now()) },
    { title: 'MESSAGE', value: (one) => one.message },
    { title: 'TIME', value: (one) => one.created_at, wide: true },
    { title: 'TRACEBACK', value: (one) => one.traceback, wide: true },
  ];
  await showPage(session, page, { columns, name: (one) => one.status, none: `No statuses found for experiment \`${address.id}\`.` }, options);
};

export const metrics: Run<ExperimentOptions & PageOptions> = async (session, options) => {
  const address = await session.experiment(options);
  const page = await session.api.get<Page<MetricBody>>(`${experimentPath(address)}/metrics`, pageQuery(options));
  const names = [...new Set(page.results.flatMap(({ values }) => Object.keys(values)))].sort((a, b) => Number(b === 'step') - Number(a === 'step'));
  const columns: readonly Column<MetricBody>[] = [
    ...names.map((name) => ({ title: name, value: ({ values }: MetricBody) => measured(values)[name] })),
    { title: 'TIME', value: (one) => ago(one.created_at, Date.now()) },
  ];
  await showPage(
    session,
    page,
    { columns: () => columns, name: ({ values }) => JSON.stringify(values), none: `No metrics found for experiment \`${address.id}\`.` },
    options,
  );
};

export const history: Run<ExperimentOptions> = async (session, options) => {
  const entries = await session.api.list<HistoryEntry>(`${experimentPath(await session.experiment(options))}/history`);
  const columns: readonly Column<HistoryEntry>[] = [
    { title: 'TIME', value: ({ time }) => time },
    { title: 'EVENT', value: ({ type }) => type },
    { title: 'BY', value: ({ actor }) => actor },
    { title: 'STREAM', value: ({ stream }) => stream },
    { title: 'ID', value: ({ id }) => id, wide: true },
    { title: 'DATA', value: ({ data }) => pairs(data).slice(0, 200), wide: true },
  ];
  await session.out.result(entries, { text: (paint, wide) => table(entries, columns, { paint, wide }), name: entries.map(({ type }) => type) });
};

export const lineage: Run<ExperimentOptions> = async (session, options) => {
  const body = await session.api.get<LineageBody>(`${experimentPath(await session.experiment(options))}/lineage`);
  await session.out.result(body, { text: (paint) => lineageText(body, paint), name: body.nodes.map(({ id }) => String(id)) });
};

/** A tree, each clone below its source; the one that was asked for is bold. */
export function lineageText({ experiment_id: asked, nodes }: LineageBody, paint: Paint): string {
  const ids = new Set(nodes.map(({ id }) => id));
  const below = (source: number | null) => nodes.filter(({ source_id: id }) => (id !== null && ids.has(id) ? id : null) === source);
  const lines: string[] = [];
  const draw = (source: number | null, indent: string): void => {
    const children = below(source);
    for (const [index, node] of children.entries()) {
      const last = index === children.length - 1;
      const branch = source === null ? '' : last ? '└─ ' : '├─ ';
      const id = node.id === asked ? paint.bold(`${node.id} *`) : String(node.id);
      const how = node.cloning_strategy ? `${node.cloning_strategy} ` : '';
      const status = node.deleted ? paint.dim('deleted') : paintedStatus(node.last_status, paint);
      lines.push(`${indent}${branch}${how}${id} ${node.name ? `${node.name} ` : ''}${status} ${paint.dim(node.outputs_path)}`);
      draw(node.id, source === null ? indent : indent + (last ? '   ' : '│  '));
    }
  };
  draw(null, '');
  return lines.join('\n');
}
