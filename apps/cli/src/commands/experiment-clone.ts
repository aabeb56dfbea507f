// How is an experiment resumed, restarted or copied?
import type { ClonedBody, ClonePlan, CloneRequest, CloningStrategy, GroupBody } from '#contracts';
import { exitCodes, usageFailure } from '../failure.ts';
import { planText, setAsideText } from '../plan.ts';
import { overrideText } from '../polyaxonfiles.ts';
import type { Run } from '../tree.ts';
import { experimentPath, type ExperimentOptions, type Session } from '../session.ts';
import { projectToUpload, upload, workingDirectory } from '../upload.ts';
import { watch, watchCopy, type WatchOptions } from '../watch.ts';
import type { ExperimentAddress } from '../workspace.ts';
import { waitForGroup } from './group-show.ts';
import { tagsOf, wholeNumber } from './lists.ts';

interface CloneOptions extends ExperimentOptions, WatchOptions {
  readonly file?: readonly string[];
  readonly upload?: boolean;
  readonly plan?: boolean;
  readonly planToken?: string;
  readonly force?: boolean;
  readonly from?: string;
  readonly copy?: boolean;
  readonly copyDir?: readonly string[];
  readonly copyFile?: readonly string[];
  readonly name?: string;
  readonly description?: string;
  readonly tags?: string;
  readonly ttl?: string;
}

export const resume: Run<CloneOptions> = (session, options) => clone(session, 'resume', options);

export const restart: Run<CloneOptions> = (session, options) => {
  const copies = options.copy || options.from !== undefined || options.copyDir?.length || options.copyFile?.length;
  return clone(session, copies ? 'copy' : 'restart', options);
};

const done: Readonly<Record<CloningStrategy, string>> = { resume: 'resumed', restart: 'restarted', copy: 'copied' };

async function clone(session: Session, strategy: CloningStrategy, options: CloneOptions): Promise<number> {
  const { api, out, workspace } = session;
  if (options.upload && options.planToken !== undefined) throw usageFailure('--plan-token stands for what a plan has seen, and no plan has seen what -u uploads: leave one of them out');
  const request = await requestOf(options);
  const source = await session.experiment(options);
  const codeProject = options.upload ? projectToUpload(session, { project: `${source.user}/${source.project}` }) : null;
  const path = `${experimentPath(source)}/${strategy}`;
  if (options.plan) return plan(session, path, request, options);
  const code = codeProject ? { code_revision: (await upload(session, codeProject)).revision } : {};
  if (codeProject) out.notice('Files uploaded.');
  const made = await api.send<ClonedBody | GroupBody>('POST', path, { ...request, ...code });
  if ('group_type' in made) return intoGroup(session, source, made, options);
  const experiment = made;
  const address: ExperimentAddress = { ...source, id: experiment.id };
  workspace.remember(address, { begin: true });
  await out.said(`Experiment was ${done[strategy]} with id ${experiment.id}`, experiment, String(experiment.id));
  sayWhereFrom(session, experiment);
  if (strategy === 'copy') await watchCopy(session, address);
  if (!options.logs && !options.wait) out.next(`polyaxon experiment -xp ${experiment.id} logs -f`, `polyaxon experiment -xp ${experiment.id} stop`);
  return watch(session, address, options);
}

/** Nobody should have to ask what a program goes on from, nor miss a file that was moved. */
function sayWhereFrom({ out }: Session, { checkpoint, set_aside: setAside = [] }: ClonedBody): void {
  if (checkpoint) out.notice(`It goes on from ${checkpoint.path}${checkpoint.step === null ? '' : ` (step ${checkpoint.step})`}.`);
  for (const one of setAside) out.notice(`Set aside, in .polyaxon/set-aside of the outputs: ${setAsideText(one)}`);
}

/** The override had a matrix. */
async function intoGroup(session: Session, source: ExperimentAddress, made: GroupBody, options: CloneOptions): Promise<number> {
  const address = { ...source, id: made.id };
  session.workspace.rememberGroup(address, { begin: true });
  const how = made.cloning_strategy === 'copy' ? 'a copy of experiment' : 'experiment';
  await session.out.said(`Experiment group ${made.id} was created; its members start from ${how} ${source.id}`, made, String(made.id));
  if (options.wait) return waitForGroup(session, address);
  session.out.next(`polyaxon group -g ${made.id} wait`, `polyaxon group -g ${made.id} experiments -m -p`);
  return exitCodes.ok;
}

async function requestOf(options: CloneOptions): Promise<CloneRequest> {
  const content = await overrideText(options.file ?? []);
  const tags = tagsOf(options.tags);
  return {
    ...(content !== undefined && { content }),
    ...(options.upload && { update_code: true }),
    ...(options.name !== undefined && { name: options.name }),
    ...(options.description !== undefined && { description: options.description }),
    ...(tags && { tags }),
    ...(options.ttl !== undefined && { ttl: wholeNumber(options.ttl, '--ttl') }),
    ...(options.force && { force: true }),
    ...(options.from !== undefined && { from: options.from }),
    ...(options.copyDir?.length && { copy_dirs: options.copyDir }),
    ...(options.copyFile?.length && { copy_files: options.copyFile }),
    ...(options.planToken !== undefined && { plan_token: options.planToken }),
  };
}

/** Nothing is uploaded for a plan: the code that would be is described instead. */
async function plan(session: Session, path: string, request: CloneRequest, options: CloneOptions): Promise<number> {
  const directory = options.upload ? await workingDirectory(session) : null;
  const planned = await session.api.send<ClonePlan>('POST', `${path}/plan`, request);
  const described = directory && { files: directory.files.length, sizeBytes: directory.sizeBytes };
  await session.out.result(planned, { text: (paint) => planText(planned, paint, described), name: planned.refusal ? planned.refusal.code : 'accepted' });
  if (!planned.refusal) session.out.notice(`the same command without --plan does it${options.upload ? '' : `; with --plan-token ${planned.token} only if nothing of this has changed`}`);
  return planned.refusal ? exitCodes.refused : exitCodes.ok;
}
