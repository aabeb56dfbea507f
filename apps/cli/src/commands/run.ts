// How does a polyaxonfile become a running experiment?
import type { ExperimentBody, GroupBody } from '#contracts';
import { exitCodes, usageFailure } from '../failure.ts';
import { polyaxonfile, usualPolyaxonfile } from '../polyaxonfiles.ts';
import type { Run, Tree } from '../tree.ts';
import { projectPath, type Session } from '../session.ts';
import { projectToUpload, upload } from '../upload.ts';
import { watch, type WatchOptions } from '../watch.ts';
import type { ProjectAddress } from '../workspace.ts';
import { waitForGroup } from './group-show.ts';
import { tagsOf, wholeNumber } from './lists.ts';
import { withProject } from './project.ts';
import { repeated } from './repeated.ts';

interface RunOptions extends WatchOptions {
  readonly project?: string;
  readonly file?: readonly string[];
  readonly param?: readonly string[];
  readonly name?: string;
  readonly description?: string;
  readonly tags?: string;
  readonly ttl?: string;
  readonly upload?: boolean;
}

export function defineRun(tree: Tree): void {
  withProject(tree.command(tree.root, 'run', 'start an experiment, or a group of them', async () => run))
    .option('-f, --file <file>', 'polyaxonfile, repeatable: later ones override', repeated)
    .option('-P, --param <name=value>', 'repeatable: wins over the params of the files', repeated)
    .option('-u, --upload', 'upload this folder first; exactly this code runs')
    .option('-l, --logs', "follow the log; the exit code is the run's")
    .option('--wait', "wait for the end; the exit code is the run's")
    .option('--name <name>')
    .option('--description <text>')
    .option('--tags <a,b>')
    .option('--ttl <seconds>', 'keep it so long when done');
}

const run: Run<RunOptions> = async (session, options) => {
  const { api, out, workspace } = session;
  const { name, description, tags, ttl, file = [], param = [] } = options;
  const files = file.length > 0 ? file : [usualPolyaxonfile(workspace.directory)];
  const { text: content, specification } = await polyaxonfile(files, param);
  const address = options.upload ? projectToUpload(session, options) : session.project(options);
  const about = {
    name: name ?? specification.name ?? null,
    description: description ?? specification.description ?? null,
    tags: tagsOf(tags) ?? specification.tags,
  };
  const seconds = ttl === undefined ? null : wholeNumber(ttl, '--ttl');
  const code = options.upload ? { code_revision: (await upload(session, address)).revision } : {};
  if (options.upload && !out.structured) out.notice('Files uploaded.');
  if (specification.kind === 'group') return group(session, address, { content, ...about, is_managed: true, ...code }, options);
  if (out.format === 'table' || out.format === 'wide') out.line('Creating an independent experiment.');
  const experiment = await api.send<ExperimentBody>('POST', `${projectPath(address)}/experiments`, {
    content,
    ...about,
    ttl: seconds,
    is_managed: true,
    ...code,
  });
  const created = { ...address, id: experiment.id };
  workspace.remember(created, { begin: true });
  await out.said(`Experiment \`${experiment.id}\` was created`, experiment, String(experiment.id));
  if (!options.logs && !options.wait) out.next(`polyaxon experiment -xp ${experiment.id} logs -f`, `polyaxon experiment -xp ${experiment.id} stop`);
  return watch(session, created, options);
};

async function group(session: Session, address: ProjectAddress, body: object, { wait, logs, ttl }: RunOptions): Promise<number> {
  if (logs) throw usageFailure('a group has many logs', 'leave -l out; polyaxon experiment -xp NUMBER logs -f shows those of a member');
  if (ttl !== undefined) throw usageFailure('a group has no --ttl', 'leave it out');
  const { api, out, workspace } = session;
  const made = await api.send<GroupBody>('POST', `${projectPath(address)}/groups`, body);
  const created = { ...address, id: made.id };
  workspace.rememberGroup(created, { begin: true });
  await out.said(`Experiment group ${made.id} was created`, made, String(made.id));
  if (wait) return waitForGroup(session, created);
  out.next(`polyaxon group -g ${made.id} wait`, `polyaxon group -g ${made.id} experiments -m -p`, `polyaxon group -g ${made.id} stop`);
  return exitCodes.ok;
}
