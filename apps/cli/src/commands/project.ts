// What can be done with projects?
import type { Command } from 'commander';
import type { ExperimentBody, GroupBody, Page, ProjectBody } from '#contracts';
import { exitCodes, usageFailure } from '../failure.ts';
import type { Paint } from '../output.ts';
import type { Run, Tree } from '../tree.ts';
import { confirmed, isAttended } from '../prompt.ts';
import { projectPath, type ProjectOptions, type Session } from '../session.ts';
import { ago, paintedStatus, properties, type Column } from '../tables.ts';
import type { ProjectAddress } from '../workspace.ts';
import { initialise } from './code.ts';
import { experimentColumns } from './experiment-columns.ts';
import { countsOf } from './group-show.ts';
import { pageQuery, showPage, tagsOf, withPages, type PageOptions } from './lists.ts';

interface Description {
  readonly description?: string;
  readonly tags?: string;
  readonly private?: boolean;
}
interface ExperimentsOptions extends ProjectOptions, PageOptions {
  readonly metrics?: boolean;
  readonly params?: boolean;
  readonly independent?: boolean;
  readonly group?: string;
  readonly query?: string;
  readonly sort?: string;
}

export function defineProject(tree: Tree): void {
  const project = tree.noun('project', 'Projects: experiments and the code they run');
  const verb = <Options, Words extends unknown[]>(usage: string, description: string, run: Run<Options, Words>): Command =>
    tree.command(project, usage, description, async () => run);
  verb('create', 'make a project', create)
    .requiredOption('--name <name>', 'letters, digits, - and _')
    .option('--description <text>')
    .option('--tags <a,b>')
    .option('--private', 'only you can see it')
    .option('--init', 'and initialise this folder for it');
  withPages(verb('list [user]', 'your projects, or those of a user', list));
  withProject(verb('get', 'what a project is', get));
  withProject(verb('update', 'change what is said of it', update))
    .option('--description <text>')
    .option('--tags <a,b>')
    .option('--private <true|false>');
  withProject(verb('delete', 'remove it', remove)).option('-y, --yes', "don't ask");
  withProject(tree.command(project, 'retention', 'which outputs rules would keep, and what the rest frees; deletes nothing without --apply', async () => (await import('./retention.ts')).retention))
    .option('--keep-last <n>', 'keep those of the newest so many')
    .option('--keep-best <n>', 'keep those of the best so many, by --metric and --order')
    .option('--metric <name>')
    .option('--order <asc|desc>', 'asc: the smallest is the best')
    .option('--apply', 'delete what is shown')
    .option('-y, --yes', "don't ask");
  withPages(withProject(verb('groups', 'its groups of experiments', groups)))
    .option('-q, --query <query>', "such as 'status: running|stopped, search_algorithm: bo'")
    .option('-s, --sort <fields>', "such as '-created_at'");
  withPages(verb('experiments', 'its experiments', experiments))
    .option('--project <project>', 'NAME or USER/NAME; -p before the verb')
    .option('-m, --metrics', 'a column for each metric: its last value')
    .option('-p, --params', 'a column for each param')
    .option('-i, --independent', 'those of no group')
    .option('-g, --group <id>', 'those of this group')
    .option('-q, --query <query>', "such as 'status: running|failed, metrics.loss: <=0.1'")
    .option('-s, --sort <fields>', "such as '-metrics.loss, started_at'");
}

export function withProject(command: Command): Command {
  return command.option('-p, --project <project>', 'NAME or USER/NAME; of this folder unless given');
}

const create: Run<Description & { readonly name: string; readonly init?: boolean }> = async (session, { name, description, tags, private: hidden, init }) => {
  const body = { name, description: description ?? null, tags: tagsOf(tags) ?? [], is_public: !hidden };
  const project = await session.api.send<ProjectBody>('POST', '/projects', body);
  await session.out.said(`Project \`${project.name}\` was created successfully.`, project, project.name);
  if (init) initialise(session, project);
  session.out.next(init ? 'polyaxon run -f polyaxonfile.yml -u -l' : `polyaxon init ${project.name}`);
};

const list: Run<PageOptions, [string?]> = async (session, options, user = session.username) => {
  const page = await session.api.get<Page<ProjectBody>>(`/${encodeURIComponent(user)}`, pageQuery(options));
  const columns: readonly Column<ProjectBody>[] = [
    { title: 'NAME', value: ({ user, name }) => `${user}/${name}` },
    { title: 'EXPERIMENTS', value: (one) => one.num_experiments },
    { title: 'CODE', value: (one) => (one.has_code ? 'yes' : 'no') },
    { title: 'SEEN BY', value: (one) => (one.is_public ? 'everybody' : 'its owner') },
    { title: 'CREATED', value: (one) => ago(one.created_at, Date.now()) },
    { title: 'TAGS', value: (one) => one.tags.join(','), wide: true },
    { title: 'DESCRIPTION', value: (one) => one.description, wide: true },
  ];
  await showPage(session, page, { columns: () => columns, name: ({ user, name }) => `${user}/${name}`, none: `No projects found for ${user}.` }, options);
};

const get: Run<ProjectOptions> = async (session, options) => show(session, await session.api.get<ProjectBody>(projectPath(session.project(options))));

async function show({ out }: Session, project: ProjectBody): Promise<void> {
  const { user, name, description, tags, is_public, has_code, num_experiments, created_at, updated_at } = project;
  const shown = {
    name,
    user,
    description,
    tags: tags.join(', '),
    is_public,
    has_code,
    num_experiments,
    created_at: ago(created_at, Date.now()),
    updated_at: ago(updated_at, Date.now()),
  };
  await out.result(project, { text: (paint) => properties(shown, paint), name: `${user}/${name}` });
}

const update: Run<Omit<Description, 'private'> & ProjectOptions & { readonly private?: string }> = async (session, options) => {
  const { description, tags, private: hidden } = options;
  if (hidden !== undefined && !/^(true|false)$/.test(hidden)) throw usageFailure(`--private takes true or false, not ${JSON.stringify(hidden)}`);
  const changes = {
    ...(description !== undefined && { description }),
    ...(tags !== undefined && { tags: tagsOf(tags) }),
    ...(hidden && { is_public: hidden === 'false' }),
  };
  if (Object.keys(changes).length === 0) throw usageFailure('nothing to change was given', 'pass --description, --tags or --private');
  const project = await session.api.send<ProjectBody>('PATCH', projectPath(session.project(options)), changes);
  session.out.notice('Project updated.');
  await show(session, project);
};

const remove: Run<ProjectOptions & { readonly yes?: boolean }> = async (session, options) => {
  const address = session.project(options);
  const name = `${address.user}/${address.project}`;
  if (!options.yes && !isAttended()) throw usageFailure('deleting without anybody to ask needs -y', `polyaxon project -p ${name} delete -y`);
  if (!options.yes && !(await confirmed(`Delete project ${name}?`))) return exitCodes.failure;
  await session.api.send('DELETE', projectPath(address));
  return session.out.said(`Project \`${name}\` was delete successfully`, { deleted: name }, name);
};

const groups: Run<ProjectOptions & PageOptions & { readonly query?: string; readonly sort?: string }> = async (session, options) => {
  const address = session.project(options);
  const page = await session.api.get<Page<GroupBody>>(`${projectPath(address)}/groups`, { query: options.query, sort: options.sort, ...pageQuery(options) });
  const columns = (paint: Paint): readonly Column<GroupBody>[] => [
    { title: 'ID', value: (one) => one.id },
    { title: 'STATUS', value: (one) => paintedStatus(one.last_status, paint) },
    { title: 'NAME', value: (one) => one.name },
    { title: 'SEARCH', value: (one) => one.search_algorithm },
    { title: 'MEMBERS', value: countsOf },
    { title: 'CREATED', value: (one) => ago(one.created_at, Date.now()) },
    { title: 'TOOK', value: (one) => one.total_run },
    { title: 'TAGS', value: (one) => one.tags.join(','), wide: true },
    { title: 'DESCRIPTION', value: (one) => one.description, wide: true },
  ];
  await showPage(session, page, { columns, name: ({ id }) => String(id), none: `No experiment groups found for project ${address.user}/${address.project}.` }, options);
};

const experiments: Run<ExperimentsOptions> = async (session, options) => {
  const address: ProjectAddress = session.project(options);
  const { metrics, params, independent, group, query, sort } = options;
  const flags = { metrics: metrics && 'True', params: params && 'True', independent: independent && 'True' };
  const asked = Object.fromEntries(Object.entries({ ...flags, group, query, sort }).filter(([, value]) => value !== undefined)) as Record<string, string>;
  const page = await session.api.get<Page<ExperimentBody>>(`${projectPath(address)}/experiments`, { ...asked, ...pageQuery(options) });
  await showPage(
    session,
    page,
    {
      columns: (paint) => experimentColumns(page.results, paint, options),
      name: ({ id }) => String(id),
      none: `No experiments found for project ${address.user}/${address.project}.`,
    },
    options,
  );
};
