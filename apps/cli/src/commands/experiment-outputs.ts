// How does a user look at the outputs of an experiment, and get them?
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ExperimentBody, OutputsFileBody, OutputsTreeBody } from '#contracts';
import { download } from '../download.ts';
import { exitCodes, refusedHere, usageFailure } from '../failure.ts';
import { fetchFiles, sizeOf } from '../outputs/fetch-files.ts';
import { OutputsSource } from '../outputs/outputs-source.ts';
import { sizesByEntry } from '../outputs/sizes-by-entry.ts';
import { sync } from '../outputs/sync.ts';
import { confirmed, isAttended } from '../prompt.ts';
import { bytesText, filesText } from '../progress.ts';
import type { Run } from '../tree.ts';
import { experimentPath, type ExperimentOptions, type Session } from '../session.ts';
import { table, type Column } from '../tables.ts';
import type { ExperimentAddress } from '../workspace.ts';

export interface OutputsOptions extends ExperimentOptions {
  readonly to?: string;
  readonly glob?: string;
  readonly sync?: string;
  readonly delete?: boolean;
  readonly expires?: string;
  readonly yes?: boolean;
  readonly force?: boolean;
}
interface Listed {
  readonly path: string;
  /** Null: a folder. */
  readonly size_bytes: number | null;
}
type Action = (session: Session, address: ExperimentAddress, path: string, options: OutputsOptions) => Promise<number | void>;

const actions: Readonly<Record<string, { readonly act: Action; readonly needsPath?: boolean }>> = {
  ls: { act: (session, address, path) => list(session, address, path, false) },
  tree: { act: (session, address, path) => list(session, address, path, true) },
  du: { act: du },
  cat: { act: cat, needsPath: true },
  get: { act: get },
  link: { act: link, needsPath: true },
  delete: { act: remove },
};

export const outputs: Run<OutputsOptions, [string?, string?]> = async (session, options, name, path = '') => {
  if (name === undefined) return all(session, await session.experiment(options), options);
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (!action) throw usageFailure(`outputs has no ${JSON.stringify(name)}; it has ${Object.keys(actions).join(', ')}`, 'polyaxon experiment outputs ls');
  const isNamed = path !== '' || (name === 'get' && (options.glob ?? options.sync) !== undefined);
  if (!isNamed && (action.needsPath || name === 'get')) throw usageFailure(`outputs ${name} needs a path`, 'polyaxon experiment outputs tree');
  return action.act(session, await session.experiment(options), path.replace(/\/+$/, ''), options);
};

async function all(session: Session, address: ExperimentAddress, { to }: OutputsOptions): Promise<void> {
  const { user, project, id } = address;
  const saved = await download(session, `${experimentPath(address)}/outputs/download`, to ?? `${user}.${project}.${id}.tar.gz`);
  await session.out.said('Files downloaded.', saved, saved.file);
  session.out.next(`tar -xzf ${saved.file}`);
}

async function list(session: Session, address: ExperimentAddress, path: string, deep: boolean): Promise<void> {
  const entries: Listed[] = [];
  const folders = [path];
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    const tree = await session.api.get<OutputsTreeBody>(`${experimentPath(address)}/outputs/tree`, { path: folder });
    const prefix = folder === '' ? '' : `${folder}/`;
    entries.push(...tree.dirs.map((name) => ({ path: `${prefix}${name}/`, size_bytes: null })));
    entries.push(...tree.files.map(([name, size]) => ({ path: prefix + name, size_bytes: size })));
    if (deep) folders.push(...tree.dirs.map((name) => prefix + name));
  }
  if (deep) entries.sort((a, b) => (a.path < b.path ? -1 : 1));
  await show(session, entries, [
    { title: 'SIZE', value: ({ size_bytes: size }) => (size === null ? '' : bytesText(size)) },
    { title: 'PATH', value: (entry) => entry.path },
  ]);
}

async function du(session: Session, address: ExperimentAddress, path: string): Promise<void> {
  const entries = sizesByEntry(await new OutputsSource(session, address).files(path), path);
  await show(session, entries, [
    { title: 'SIZE', value: ({ size_bytes: size }) => bytesText(size) },
    { title: 'FILES', value: ({ files }) => files },
    { title: 'PATH', value: (entry) => entry.path },
  ]);
}

async function show<Row extends { readonly path: string }>({ out }: Session, entries: readonly Row[], columns: readonly Column<Row>[]): Promise<void> {
  await out.result(entries, {
    text: (paint, wide) => (entries.length === 0 ? 'Nothing there.' : table(entries, columns, { paint, wide })),
    name: entries.map(({ path }) => path),
  });
}

async function cat(session: Session, address: ExperimentAddress, path: string): Promise<void> {
  const { body } = await new OutputsSource(session, address).open(path);
  const { out } = session;
  if (!out.structured) return pipeline(body, process.stdout, { end: false });
  const chunks = await body.toArray();
  const content = Buffer.concat(chunks as Buffer[]).toString('utf8');
  return out.result({ path, content }, { text: () => content, name: path });
}

/** All of them, for the experiment and everybody who shares them; the record stays. */
async function remove(session: Session, address: ExperimentAddress, path: string, { yes, force }: OutputsOptions): Promise<number> {
  const command = `polyaxon experiment -xp ${address.id} outputs delete -y`;
  if (path !== '') throw usageFailure('outputs are deleted as a whole, not one by one', command);
  if (!yes && !isAttended()) throw usageFailure('deleting without anybody to ask needs -y', command);
  if (!yes && !(await confirmed(`Delete all outputs of experiment ${address.id}, so that nothing can be resumed from them?`))) return exitCodes.failure;
  const experiment = await session.api.send<ExperimentBody>('DELETE', `${experimentPath(address)}/outputs`, force ? { force } : undefined);
  await session.out.said('Outputs are being deleted; record, metrics and logs stay.', experiment, String(address.id));
  return exitCodes.ok;
}

/** Nothing but the address on stdout, for a pipe. */
async function link(session: Session, address: ExperimentAddress, path: string, { expires = '1h' }: OutputsOptions): Promise<void> {
  const given = await new OutputsSource(session, address).link(path, secondsOf(expires));
  await session.out.result(given, { text: () => given.url, name: given.url });
  session.out.notice(`Whoever has this address can read the file until ${given.expires_at}.`);
}

function secondsOf(text: string): number {
  const [, amount, unit = 's'] = /^([1-9]\d{0,5})([smh])?$/.exec(text) ?? [];
  if (amount === undefined) throw usageFailure(`--expires takes a time such as 90s, 30m or 1h, not ${JSON.stringify(text)}`);
  return Number(amount) * (unit === 'h' ? 3600 : unit === 'm' ? 60 : 1);
}

async function get(session: Session, address: ExperimentAddress, path: string, options: OutputsOptions): Promise<void> {
  const source = new OutputsSource(session, address);
  const found = await source.files(path);
  const files = options.glob === undefined ? found : await matching(found, options.glob, address);
  if (options.sync !== undefined) return synced(session, source, files, path, options.sync, options);
  const [only] = files;
  if (only?.path === path && path !== '') return one(session, source, only, options.to);
  const folder = options.to ?? (path === '' ? '.' : basename(path));
  const cut = path === '' ? 0 : path.length + 1;
  await fetchFiles(session, source, files.map((file) => ({ file, to: file.path.slice(cut) })), folder);
  const saved = { folder, files: files.length, size_bytes: sizeOf(files) };
  session.out.notice(`${folder}: ${filesText(files.length)}, ${bytesText(saved.size_bytes)}`);
  await session.out.said('Files downloaded.', saved, folder);
}

async function one(session: Session, source: OutputsSource, file: OutputsFileBody, to: string | undefined): Promise<void> {
  const name = basename(file.path);
  const isFolder = to !== undefined && (await stat(to).then((found) => found.isDirectory(), () => false));
  const target = to === undefined ? name : isFolder ? join(to, name) : to;
  await fetchFiles(session, source, [{ file, to: basename(target) }], join(target, '..'));
  session.out.notice(`${target}, ${bytesText(file.size_bytes)}`);
  await session.out.said('Files downloaded.', { file: target, size_bytes: file.size_bytes }, target);
}

async function matching(files: readonly OutputsFileBody[], glob: string, { id }: ExperimentAddress): Promise<OutputsFileBody[]> {
  const { Minimatch } = await import('minimatch');
  const pattern = new Minimatch(glob, { nocomment: true, nonegate: true });
  const matched = files.filter(({ path }) => pattern.match(path));
  if (matched.length === 0) throw refusedHere('path-not-found', `nothing in the outputs matches ${glob}`, `polyaxon experiment -xp ${id} outputs tree`);
  return matched;
}

async function synced(session: Session, source: OutputsSource, files: readonly OutputsFileBody[], path: string, folder: string, options: OutputsOptions): Promise<void> {
  if (files.some((file) => file.path === path)) throw usageFailure('--sync makes a folder here like a folder of the outputs, and the path is that of a file', `polyaxon experiment outputs get ${path}`);
  if (options.delete && options.glob !== undefined) throw usageFailure('--delete with --glob would delete what the pattern leaves out', 'leave one of them out');
  const done = await sync(session, source, files, folder, { deletes: options.delete === true, below: path });
  const { downloaded, size_bytes: bytes, deleted, extra } = done;
  session.out.notice(`${folder}: ${filesText(downloaded)} of ${files.length} downloaded, ${bytesText(bytes)}; ${files.length - downloaded} the same already`);
  if (deleted.length > 0) session.out.notice(`deleted: ${filesText(deleted.length)} that the outputs don't have`);
  if (extra.length > 0) session.out.notice(`${filesText(extra.length)} here that the outputs don't have; --delete removes them`);
  await session.out.said('Files synced.', done, folder);
}
