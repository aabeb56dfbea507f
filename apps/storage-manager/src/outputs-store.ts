// Where are the outputs kept, and which variable is wrong when they can't be?
import { readFile } from 'node:fs/promises';
import { ConfigurationInvalid } from '#service-host';
import type { FileTree, StorageConfiguration, StoreProblem } from '#storage';
import type { Configuration } from './configuration.ts';
import { storeSlowDowns } from './metrics.ts';

const variableOf: Readonly<Record<StoreProblem['setting'], string>> = {
  root: 'POLYAXON_OUTPUTS_ROOT',
  endpoint: 'POLYAXON_S3_ENDPOINT',
  credentials: 'POLYAXON_S3_ACCESS_KEY and POLYAXON_S3_SECRET_KEY',
  bucket: 'POLYAXON_OUTPUTS_STORE',
  region: 'POLYAXON_S3_REGION',
  clock: "the machine's clock",
};

export async function outputsStore(configuration: Configuration): Promise<StorageConfiguration> {
  const { POLYAXON_OUTPUTS_STORE: store, POLYAXON_OUTPUTS_ROOT: root } = configuration;
  if (store === '') return { kind: 'volume', root };
  const [bucket = '', ...prefix] = store.slice('s3://'.length).split('/');
  return {
    kind: 's3',
    bucket,
    prefix: prefix.join('/'),
    endpoint: configuration.POLYAXON_S3_ENDPOINT,
    region: configuration.POLYAXON_S3_REGION,
    onSlowDown: () => storeSlowDowns.inc(),
    pathStyle: configuration.POLYAXON_S3_PATH_STYLE === 'true',
    credentials: { accessKey: await credential(configuration, 'POLYAXON_S3_ACCESS_KEY'), secretKey: await credential(configuration, 'POLYAXON_S3_SECRET_KEY') },
  };
}

/** What keeps the outputs from being used now, and what to look at. */
export async function outputsProblem(tree: FileTree): Promise<string | undefined> {
  const problem = await tree.problem();
  return problem && `outputs: ${problem.message}; look at ${variableOf[problem.setting]}`;
}

async function credential(configuration: Configuration, name: 'POLYAXON_S3_ACCESS_KEY' | 'POLYAXON_S3_SECRET_KEY'): Promise<string> {
  const file = configuration[`${name}_FILE`];
  const value = file === '' ? configuration[name] : await readFile(file, 'utf8').catch((error: Error) => {
    throw new ConfigurationInvalid(`${name}_FILE=${file}: ${error.message}`);
  });
  if (value.trim() !== '') return value.trim();
  throw new ConfigurationInvalid(`${name} is not set: POLYAXON_OUTPUTS_STORE names an S3 store; give it, or a file that holds it in ${name}_FILE`);
}
