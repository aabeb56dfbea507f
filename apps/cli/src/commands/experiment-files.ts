// How do the outputs and the code of an experiment reach this folder?
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { CodeReferenceBody, OutputsTreeBody } from '#contracts';
import { download } from '../download.ts';
import { usageFailure } from '../failure.ts';
import { bytesText } from '../progress.ts';
import type { Run } from '../tree.ts';
import { experimentPath, projectPath, type ExperimentOptions, type Session } from '../session.ts';
import { table } from '../tables.ts';
import type { ExperimentAddress } from '../workspace.ts';

interface OutputsOptions extends ExperimentOptions {
  readonly to?: string;
}
interface Entry {
  readonly path: string;
  /** Null: a folder. */
  readonly size_bytes: number | null;
}

const actions = ['ls', 'tree', 'cat', 'get'];

export const outputs: Run<OutputsOptions, [string?, string?]> = async (session, options, action, path) => {
  if (action !== undefined && !actions.includes(action))
    throw usageFailure(`outputs has no ${JSON.stringify(action)}; it has ${actions.join(', ')}`, 'polyaxon experiment outputs ls');
  if ((action === 'cat' || action === 'get') && path === undefined)
    throw usageFailure(`outputs ${action} needs the path of a file`, 'polyaxon experiment outputs tree');
  const address = await session.experiment(options);
  if (action === 'ls' || action === 'tree') return list(session, address, path ?? '', action === 'tree');
  if (action === 'cat') return cat(session, address, path ?? '');
  const { user, project, id } = address;
  const saved =
    action === 'get'
      ? await download(session, `${experimentPath(address)}/outputs/files`, options.to ?? basename(path ?? ''), { path: path ?? '' })
      : await download(session, `${experimentPath(address)}/outputs/download`, options.to ?? `${user}.${project}.${id}.tar.gz`);
  await session.out.said('Files downloaded.', saved, saved.file);
  if (action === undefined) session.out.next(`tar -xzf ${saved.file}`);
};

async function list(session: Session, address: ExperimentAddress, path: string, deep: boolean): Promise<void> {
  const entries: Entry[] = [];
  const folders = [path.replace(/\/+$/, '')];
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    const tree = await session.api.get<OutputsTreeBody>(`${experimentPath(address)}/outputs/tree`, { path: folder });
    const prefix = folder === '' ? '' : `${folder}/`;
    entries.push(...tree.dirs.map((name) => ({ path: `${prefix}${name}/`, size_bytes: null })));
    entries.push(...tree.files.map(([name, size]) => ({ path: prefix + name, size_bytes: size })));
    if (deep) folders.push(...tree.dirs.map((name) => prefix + name));
  }
  if (deep) entries.sort((a, b) => (a.path < b.path ? -1 : 1));
  const columns = [
    { title: 'SIZE', value: ({ size_bytes: size }: Entry) => (size === null ? '' : bytesText(size)) },
    { title: 'PATH', value: (entry: Entry) => entry.path },
  ];
  const text = (paint: Parameters<typeof table>[2]['paint'], wide: boolean) =>
    entries.length === 0 ? 'Nothing there.' : table(entries, columns, { paint, wide });
  await session.out.result(entries, { text, name: entries.map((entry) => entry.path) });
}

async function cat({ api, out }: Session, address: ExperimentAddress, path: string): Promise<void> {
  const { body } = await api.download(`${experimentPath(address)}/outputs/files`, { path });
  if (!out.structured) return pipeline(body, process.stdout, { end: false });
  const chunks = await body.toArray();
  const content = Buffer.concat(chunks as Buffer[]).toString('utf8');
  return out.result({ path, content }, { text: () => content, name: path });
}

export const code: Run<ExperimentOptions> = async (session, options) => {
  const address = await session.experiment(options);
  const { commit } = await session.api.get<CodeReferenceBody>(`${experimentPath(address)}/coderef`);
  session.out.notice(commit ? `Experiment has code ref: \`${commit}\`, downloading ...` : 'Experiment has no code ref, downloading the latest code ...');
  const saved = await download(session, `${projectPath(address)}/repo/download`, 'repo.tar.gz', { commit });
  await session.out.said('Files downloaded.', { ...saved, commit: commit ?? null }, saved.file);
};
