// Where are the outputs kept, and which variable is wrong when they can't be?
import { s3ConfigurationOf } from '#service-host';
import type { StoreBody } from '#contracts';
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

const answersWithinMs = 5000;

export async function outputsStore(configuration: Configuration): Promise<StorageConfiguration> {
  const { POLYAXON_OUTPUTS_STORE: store, POLYAXON_OUTPUTS_ROOT: root } = configuration;
  if (store === '') return { kind: 'volume', root };
  return { ...(await s3ConfigurationOf('POLYAXON_OUTPUTS_STORE', store, configuration)), onSlowDown: () => storeSlowDowns.inc() };
}

/** What keeps the outputs from being used now, and what to look at. */
export async function outputsProblem(tree: FileTree): Promise<string | undefined> {
  const problem = await tree.problem();
  return problem && `outputs: ${problem.message}; look at ${variableOf[problem.setting]}`;
}

/** For someone who waits to hear whether an experiment may be submitted: a store that only asks for patience is no reason to refuse it, one that says nothing is. */
export async function submissionProblem(tree: FileTree): Promise<StoreBody['problem']> {
  let timer: NodeJS.Timeout | undefined;
  const silent: StoreProblem = { setting: 'endpoint', message: `the S3 store does not answer within ${answersWithinMs / 1000} s` };
  const late = new Promise<StoreProblem>((done) => (timer = setTimeout(() => done(silent), answersWithinMs)));
  const problem = await Promise.race([tree.problem(), late]).finally(() => clearTimeout(timer));
  return problem && !problem.isBusy ? { message: problem.message, setting: variableOf[problem.setting] } : null;
}
