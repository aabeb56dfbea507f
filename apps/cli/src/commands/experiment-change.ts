// How is an experiment stopped, described or deleted?
import type { ExperimentBody } from '#contracts';
import { exitCodes, usageFailure } from '../failure.ts';
import type { Run } from '../tree.ts';
import { confirmed, isAttended } from '../prompt.ts';
import { experimentPath, type ExperimentOptions } from '../session.ts';
import { showExperiment } from './experiment-show.ts';
import { tagsOf } from './lists.ts';

interface Assent extends ExperimentOptions {
  readonly yes?: boolean;
}

/** Asked only of a person: what is stopped can be resumed. */
export const stop: Run<Assent> = async (session, options) => {
  const address = await session.experiment(options);
  if (!options.yes && isAttended() && !(await confirmed(`Stop experiment ${address.id}?`))) return exitCodes.failure;
  const answer = await session.api.send<object>('POST', `${experimentPath(address)}/stop`);
  await session.out.said('Experiment is being stopped.', Object.keys(answer).length > 0 ? answer : { id: address.id }, String(address.id));
  session.out.next(`polyaxon experiment -xp ${address.id} wait`, `polyaxon experiment -xp ${address.id} resume`);
  return exitCodes.ok;
};

export const update: Run<ExperimentOptions & { readonly name?: string; readonly description?: string; readonly tags?: string }> = async (session, options) => {
  const { name, description } = options;
  const tags = tagsOf(options.tags);
  const changes = { ...(name !== undefined && { name }), ...(description !== undefined && { description }), ...(tags && { tags }) };
  if (Object.keys(changes).length === 0) throw usageFailure('nothing to change was given', 'pass --name, --description or --tags');
  const address = await session.experiment(options);
  const experiment = await session.api.send<ExperimentBody>('PATCH', experimentPath(address), changes);
  session.out.notice('Experiment updated.');
  await showExperiment(session, experiment);
};

const keeping =
  (verb: 'pin' | 'unpin'): Run<ExperimentOptions> =>
  async (session, options) => {
    const address = await session.experiment(options);
    const experiment = await session.api.send<ExperimentBody>('POST', `${experimentPath(address)}/${verb}`);
    await session.out.said(`Experiment ${address.id} is ${verb}ned.`, experiment, String(address.id));
  };
export const pin = keeping('pin');
export const unpin = keeping('unpin');

export const remove: Run<Assent> = async (session, options) => {
  const address = await session.experiment(options);
  if (!options.yes && !isAttended()) throw usageFailure('deleting without anybody to ask needs -y', `polyaxon experiment -xp ${address.id} delete -y`);
  if (!options.yes && !(await confirmed(`Delete experiment ${address.id}, with its outputs and logs?`))) return exitCodes.failure;
  await session.api.send('DELETE', experimentPath(address));
  session.workspace.forget(address);
  await session.out.said(`Experiment \`${address.id}\` was delete successfully`, { deleted: address.id }, String(address.id));
  return exitCodes.ok;
};
