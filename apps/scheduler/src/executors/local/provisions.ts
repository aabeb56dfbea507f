// What does this machine keep for programs: secrets, settings, data, outputs of others?
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExperimentOrder, OutputsReference } from '#contracts';
import { LaunchFailed } from '../executor.ts';
import { codeOf } from './attempt-folder.ts';

export interface Stores {
  /** `<name>/<KEY>` each. */
  readonly secretsRoot: string;
  readonly configMapsRoot: string;
  /** A folder, or a link to one, for each name. */
  readonly dataRoot: string;
  /** Where a program finds the outputs of others. */
  readonly outputsOf: (reference: OutputsReference) => string;
}

export interface Provisions {
  /** Goes nowhere but into the environment of the program. */
  readonly variables: Readonly<Record<string, string>>;
  readonly dataPaths: Readonly<Record<string, string>>;
  /** Absolute, in the order of the polyaxonfile. */
  readonly referencedOutputs: readonly string[];
}

interface Stored {
  readonly name: string;
  readonly items: readonly string[] | undefined;
}

const variableName = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
const bytesMax = 96 * 1024;

/** Whatever is missing fails the launch, with the command that mends it; a value is in no message. */
export async function provisionsOf(order: ExperimentOrder, stores: Stores): Promise<Provisions> {
  const { environment } = order;
  const variables: Record<string, string> = {};
  for (const one of storedIn(environment.config_map_refs)) Object.assign(variables, await valuesOf('config_map_refs', stores.configMapsRoot, one, false));
  for (const one of storedIn(environment.secret_refs)) Object.assign(variables, await valuesOf('secret_refs', stores.secretsRoot, one, true));
  const dataPaths: Record<string, string> = {};
  for (const { name } of [...storedIn(environment.data_refs), ...storedIn((environment.persistence as { data?: unknown } | undefined)?.data)]) {
    dataPaths[name] = await dataPath(stores.dataRoot, name);
  }
  const referencedOutputs: string[] = [];
  for (const reference of order.outputsReferences ?? []) {
    const { experimentId } = reference;
    const path = stores.outputsOf(reference);
    if (!(await isFolder(path))) throw missing(`environment.outputs.experiments: the outputs of experiment ${experimentId} are not there any more`, `polyaxon experiment -xp ${experimentId} get`);
    referencedOutputs.push(path);
  }
  return { variables, dataPaths, referencedOutputs };
}

function storedIn(references: unknown): Stored[] {
  const list = Array.isArray(references) ? (references as readonly unknown[]) : typeof references === 'string' ? [references] : [];
  return list.map((one) => {
    if (typeof one === 'string') return { name: one, items: undefined };
    const { name, items } = one as { name: string; items?: readonly string[] };
    return { name, items };
  });
}

async function valuesOf(section: string, root: string, { name, items }: Stored, isSecret: boolean): Promise<Record<string, string>> {
  const folder = join(root, name);
  const make = isSecret ? `mkdir -p -m 700 ${folder} && (umask 077; cat > ${join(folder, 'KEY')})` : `mkdir -p ${folder} && cat > ${join(folder, 'KEY')}`;
  if (!(await isFolder(folder))) throw missing(`environment.${section}: ${name} is not on this machine, there is no folder ${folder}`, make);
  const keys = items ?? (await readdir(folder)).filter((key) => !key.startsWith('.')).sort();
  const values: Record<string, string> = {};
  for (const key of keys) {
    if (!variableName.test(key)) throw missing(`environment.${section}: ${name} has a file ${JSON.stringify(key)}, whose name can't be that of a variable`, `mv ${folder}/... ${join(folder, 'KEY')}`);
    values[key] = await valueOf(`environment.${section}: ${name}`, join(folder, key), isSecret, make);
  }
  return values;
}

/** Without the newline that editors and `echo` put at the end. */
async function valueOf(where: string, file: string, isSecret: boolean, make: string): Promise<string> {
  try {
    const { mode, size } = await stat(file);
    if (isSecret && (mode & 0o077) !== 0) throw missing(`${where}: others on this machine may read ${file}`, `chmod 600 ${file}`);
    if (size > bytesMax) throw missing(`${where}: ${file} is larger than ${bytesMax / 1024} KiB, too much for a variable`, 'keep it in a file, and its path in the variable');
    const text = await readFile(file, 'utf8');
    if (text.includes('\0')) throw missing(`${where}: ${file} is not text`, `base64 < FILE > ${file}`);
    return text.replace(/\r?\n$/, '');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw missing(`${where} has no ${file}`, make);
    throw error;
  }
}

async function dataPath(root: string, name: string): Promise<string> {
  const folder = join(root, name);
  if (await isFolder(folder)) return folder;
  throw missing(`environment.data_refs: ${name} is not on this machine, there is no folder ${folder}`, `mkdir -p ${root} && ln -s /path/of/the/data ${folder}`);
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return false;
    throw error;
  }
}

function missing(what: string, fix: string): LaunchFailed {
  return new LaunchFailed('start', `${what}; to mend it: ${fix}`);
}
