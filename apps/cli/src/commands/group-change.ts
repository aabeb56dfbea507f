// How is a group stopped, resumed, described or deleted?
import type { GroupBody, GroupResumeRequest } from '#contracts';
import { exitCodes, usageFailure } from '../failure.ts';
import { overrideText } from '../polyaxonfiles.ts';
import { confirmed, isAttended } from '../prompt.ts';
import { groupPath, type GroupOptions } from '../session.ts';
import type { Run } from '../tree.ts';
import { projectToUpload, upload } from '../upload.ts';
import { countsOf, showGroup, waitForGroup } from './group-show.ts';
import { tagsOf } from './lists.ts';

interface Assent extends GroupOptions {
  readonly yes?: boolean;
}

/** Asked only of a person: what is stopped can be resumed. */
export const stop: Run<Assent & { readonly pending?: boolean }> = async (session, options) => {
  const address = session.group(options);
  const what = options.pending ? 'the waiting experiments' : 'all experiments';
  if (!options.yes && isAttended() && !(await confirmed(`Stop ${what} of group ${address.id}?`))) return exitCodes.failure;
  await session.api.send<object>('POST', `${groupPath(address)}/stop`, options.pending ? { pending: true } : {});
  await session.out.said(options.pending ? 'Pending experiments in group are being stopped.' : 'Experiments in group are being stopped.', { id: address.id }, String(address.id));
  session.out.next(`polyaxon group -g ${address.id} wait`, `polyaxon group -g ${address.id} resume`);
  return exitCodes.ok;
};

interface ResumeOptions extends GroupOptions {
  readonly file?: readonly string[];
  readonly upload?: boolean;
  readonly force?: boolean;
  readonly wait?: boolean;
}

export const resume: Run<ResumeOptions> = async (session, options) => {
  const { api, out } = session;
  const content = await overrideText(options.file ?? []);
  const address = session.group(options);
  const code = options.upload ? { code_revision: (await upload(session, projectToUpload(session, { project: `${address.user}/${address.project}` }))).revision } : {};
  if (options.upload) out.notice('Files uploaded.');
  const request: GroupResumeRequest = { ...(content !== undefined && { content }), ...(options.force && { force: true }), ...code };
  const group = await api.send<GroupBody>('POST', `${groupPath(address)}/resume`, request);
  session.workspace.rememberGroup(address, { begin: false });
  await out.said(`Group ${group.id} was resumed${group.last_status_message ? `: ${group.last_status_message}` : ''}`, group, String(group.id));
  if (options.wait) return waitForGroup(session, address);
  out.next(`polyaxon group -g ${group.id} wait`, `polyaxon group -g ${group.id} experiments`);
  return exitCodes.ok;
};

export const update: Run<GroupOptions & { readonly name?: string; readonly description?: string; readonly tags?: string }> = async (session, options) => {
  const { name, description } = options;
  const tags = tagsOf(options.tags);
  const changes = { ...(name !== undefined && { name }), ...(description !== undefined && { description }), ...(tags && { tags }) };
  if (Object.keys(changes).length === 0) throw usageFailure('nothing to change was given', 'pass --name, --description or --tags');
  const group = await session.api.send<GroupBody>('PATCH', groupPath(session.group(options)), changes);
  session.out.notice('Experiment group updated.');
  await showGroup(session, group);
};

export const remove: Run<Assent> = async (session, options) => {
  const address = session.group(options);
  if (!options.yes && !isAttended()) throw usageFailure('deleting without anybody to ask needs -y', `polyaxon group -g ${address.id} delete -y`);
  if (!options.yes) {
    const group = await session.api.get<GroupBody>(groupPath(address));
    if (!(await confirmed(`Delete group ${address.id} with its members (${countsOf(group)}), their outputs and logs?`))) return exitCodes.failure;
  }
  await session.api.send('DELETE', groupPath(address));
  session.workspace.forgetGroup(address);
  await session.out.said(`Experiment group ${address.id} was delete successfully`, { deleted: address.id }, String(address.id));
  return exitCodes.ok;
};
