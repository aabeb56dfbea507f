// Which stores are there for outputs besides the default one, and what is wrong with the file that says so?
import { readFile } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { parse } from 'yaml';
import type { StorageConfiguration, StoreProblem } from '#storage';
import { ConfigurationInvalid, text, type ConfigurationOf } from './configuration.ts';
import { isStoreUrl, placeIn } from './stores.ts';

export const storesVariables = {
  POLYAXON_STORES_FILE: text('YAML or JSON file of further stores for outputs, by their names (docs/s3.md); empty: there is the default one alone', ''),
} as const;

/** One that a polyaxonfile may name. */
export interface NamedStore {
  readonly configuration: StorageConfiguration;
  /** Where that is set. */
  settingOf(setting: StoreProblem['setting']): string;
}

/** Both mean the one that is used unless another is named. */
const reserved: readonly string[] = ['default', 'outputs'];
const namePattern = /^[a-z0-9][-a-z0-9_.]{0,62}$/i;
const keys = ['url', 'endpoint', 'region', 'path_style', 'ca_file', 'access_key_file', 'secret_key_file'] as const;
const keyOf: Readonly<Record<StoreProblem['setting'], string>> = {
  root: 'url', endpoint: 'endpoint', credentials: 'access_key_file and secret_key_file', bucket: 'url', region: 'region', certificate: 'ca_file', clock: '',
};

type Told = Readonly<Record<string, unknown>>;
type Entry = Readonly<Partial<Record<(typeof keys)[number], unknown>>>;

/** By name. A store that is away is among them; a file that can't be understood is said with every entry that is wrong. */
export async function namedStores({ POLYAXON_STORES_FILE: file }: ConfigurationOf<typeof storesVariables>): Promise<ReadonlyMap<string, NamedStore>> {
  if (file === '') return new Map();
  const entries = await entriesIn(file);
  const problems: string[] = [];
  const stores = new Map<string, NamedStore>();
  for (const [name, entry] of Object.entries(entries)) {
    const wrong = (key: string, what: string): void => void problems.push(`${name}${key === '' ? '' : `.${key}`}: ${what}`);
    const configuration = await configurationOf(name, entry, wrong);
    if (configuration) stores.set(name, { configuration, settingOf: (setting) => (setting === 'clock' ? "the machine's clock" : `${name}: ${keyOf[setting]} in POLYAXON_STORES_FILE`) });
  }
  if (problems.length > 0) throw new ConfigurationInvalid(`POLYAXON_STORES_FILE=${file}: ${problems.join('; ')}`);
  return stores;
}

async function entriesIn(file: string): Promise<Told> {
  try {
    const content: unknown = parse(await readFile(file, 'utf8'));
    if (isMapping(content)) return content;
  } catch (error) {
    throw new ConfigurationInvalid(`POLYAXON_STORES_FILE=${file}: ${(error as Error).message.split('\n')[0]}`);
  }
  throw new ConfigurationInvalid(`POLYAXON_STORES_FILE=${file}: expected a name for each store, and what is said of it below`);
}

type Wrong = (key: string, what: string) => void;

async function configurationOf(name: string, entry: unknown, wrong: Wrong): Promise<StorageConfiguration | undefined> {
  if (reserved.includes(name)) return void wrong('', 'this name means the store that POLYAXON_OUTPUTS_STORE and POLYAXON_OUTPUTS_ROOT say; choose another');
  if (!namePattern.test(name)) return void wrong('', 'a name is 1 to 63 letters, digits, -, _ and .');
  if (!isMapping(entry)) return void wrong('', 'expected at least url');
  for (const key of Object.keys(entry)) if (!(keys as readonly string[]).includes(key)) wrong(key, `unknown; expected one of ${keys.join(', ')}`);
  const { url } = entry as Entry;
  if (typeof url === 'string' && isStoreUrl(url)) return s3Of(url, entry, wrong);
  if (typeof url !== 'string' || !isAbsolute(url)) return void wrong('url', 'expected s3://bucket, s3://bucket/prefix or an absolute folder');
  const needless = Object.keys(entry).filter((key) => key !== 'url');
  if (needless.length > 0) wrong(needless[0]!, 'a folder has only a url');
  return { kind: 'volume', root: url };
}

async function s3Of(url: string, entry: Entry, wrong: Wrong): Promise<StorageConfiguration> {
  const { endpoint, region = 'us-east-1', path_style: pathStyle = true, ca_file: caFile } = entry;
  if (typeof endpoint !== 'string' || !/^https?:\/\/[^/]+\/?$/.test(endpoint)) wrong('endpoint', 'expected https://host or http://host:port');
  if (typeof region !== 'string') wrong('region', 'expected a text');
  if (typeof pathStyle !== 'boolean') wrong('path_style', 'expected true or false');
  const accessKey = await contentOf('access_key_file', entry, wrong);
  const secretKey = await contentOf('secret_key_file', entry, wrong);
  const ca = caFile === undefined ? undefined : await contentOf('ca_file', entry, wrong);
  return {
    kind: 's3', ...placeIn(url), endpoint: String(endpoint).replace(/\/$/, ''), region: String(region), pathStyle: pathStyle === true, credentials: { accessKey, secretKey }, ...(ca !== undefined && { ca }),
  };
}

async function contentOf(key: 'access_key_file' | 'secret_key_file' | 'ca_file', entry: Entry, wrong: Wrong): Promise<string> {
  const file = entry[key];
  if (typeof file !== 'string' || !isAbsolute(file)) {
    wrong(key, 'expected the absolute path of a file');
    return '';
  }
  try {
    const content = (await readFile(file, 'utf8')).trim();
    if (content === '') wrong(key, `${file} is empty`);
    return content;
  } catch (error) {
    wrong(key, (error as Error).message);
    return '';
  }
}

function isMapping(value: unknown): value is Told {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
