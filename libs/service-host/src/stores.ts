// Where are outputs kept, as a service is told from outside?
import { readFile } from 'node:fs/promises';
import { openStorage, type FileTree, type StorageConfiguration, type StoreProblem } from '#storage';
import { choice, ConfigurationInvalid, secret, text, url, type ConfigurationOf, type Variable } from './configuration.ts';

export type S3Configuration = Extract<StorageConfiguration, { readonly kind: 's3' }>;

const s3Url = /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[^/]+)*\/?$/;

export function isStoreUrl(value: string): boolean {
  return s3Url.test(value);
}

/** Of an URL of a store. */
export function placeIn(url: string): { readonly bucket: string; readonly prefix: string } {
  const [bucket = '', ...prefix] = url.replace(/\/$/, '').slice('s3://'.length).split('/');
  return { bucket, prefix: prefix.join('/') };
}

export function storeVariable(describe: string): Variable<string> {
  return {
    describe,
    fallback: '',
    parse(value) {
      if (isStoreUrl(value)) return value.replace(/\/$/, '');
      throw new Error('expected s3://bucket or s3://bucket/prefix');
    },
  };
}

/** How the S3 store is reached. */
export const s3Variables = {
  POLYAXON_S3_ENDPOINT: url('address of the S3 store', ['https', 'http'], 'https://s3.amazonaws.com'),
  POLYAXON_S3_REGION: text('region of its bucket', 'us-east-1'),
  POLYAXON_S3_PATH_STYLE: choice('`true`: the bucket is in the path, `false`: in the host name', ['true', 'false'], 'true'),
  POLYAXON_S3_CA_FILE: text('PEM file with the authority to trust; empty: those of the system', ''),
  POLYAXON_S3_ACCESS_KEY: text('access key of the S3 store', ''),
  POLYAXON_S3_ACCESS_KEY_FILE: text('file that holds it instead', ''),
  POLYAXON_S3_SECRET_KEY: { ...secret('secret key of the S3 store'), fallback: '' },
  POLYAXON_S3_SECRET_KEY_FILE: text('file that holds it instead', ''),
} as const;

type Told = ConfigurationOf<typeof s3Variables>;

/** Where each setting of the store that the variable called `store` names is set; `root` is that of the folder. */
export function settingsOf(store: string, root: string): (setting: StoreProblem['setting']) => string {
  const variables: Readonly<Record<StoreProblem['setting'], string>> = {
    root, endpoint: 'POLYAXON_S3_ENDPOINT', credentials: 'POLYAXON_S3_ACCESS_KEY and POLYAXON_S3_SECRET_KEY', bucket: store, region: 'POLYAXON_S3_REGION', certificate: 'POLYAXON_S3_CA_FILE',
    clock: "the machine's clock",
  };
  return (setting) => variables[setting];
}

/** `store` as the variable called `name` has it. */
export async function s3ConfigurationOf(name: string, store: string, told: Told): Promise<S3Configuration> {
  const caFile = told.POLYAXON_S3_CA_FILE;
  return {
    kind: 's3',
    ...placeIn(store),
    endpoint: told.POLYAXON_S3_ENDPOINT,
    region: told.POLYAXON_S3_REGION,
    pathStyle: told.POLYAXON_S3_PATH_STYLE === 'true',
    credentials: { accessKey: await credential(told, 'POLYAXON_S3_ACCESS_KEY', name), secretKey: await credential(told, 'POLYAXON_S3_SECRET_KEY', name) },
    ...(caFile !== '' && { ca: await contentOf('POLYAXON_S3_CA_FILE', caFile) }),
  };
}

/** Where uploaded code is: in the store, if there is one, and as it was before there was, in the folder. */
export async function codeTrees(told: Told & { readonly POLYAXON_CODE_ROOT: string; readonly POLYAXON_CODE_STORE: string }): Promise<readonly FileTree[]> {
  const folder = await openStorage({ kind: 'volume', root: told.POLYAXON_CODE_ROOT });
  const store = told.POLYAXON_CODE_STORE;
  return store === '' ? [folder] : [await openStorage(await s3ConfigurationOf('POLYAXON_CODE_STORE', store, told)), folder];
}

/** What keeps it from being read now. */
export async function codeProblem(trees: readonly FileTree[]): Promise<string | undefined> {
  const problem = await trees[0]?.problem();
  return problem && `code: ${problem.message}; look at ${settingsOf('POLYAXON_CODE_STORE', 'POLYAXON_CODE_ROOT')(problem.setting)}`;
}

async function credential(told: Told, name: 'POLYAXON_S3_ACCESS_KEY' | 'POLYAXON_S3_SECRET_KEY', store: string): Promise<string> {
  const file = told[`${name}_FILE`];
  const value = file === '' ? told[name] : await contentOf(`${name}_FILE`, file);
  if (value.trim() !== '') return value.trim();
  throw new ConfigurationInvalid(`${name} is not set: ${store} names an S3 store; give it, or a file that holds it in ${name}_FILE`);
}

async function contentOf(name: string, file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: Error) => {
    throw new ConfigurationInvalid(`${name}=${file}: ${error.message}`);
  });
}
