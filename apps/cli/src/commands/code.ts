// How does a folder become the code of a project?
import { resolve } from 'node:path';
import type { ProjectBody } from '#contracts';
import { usualPolyaxonfile, polyaxonfile } from '../polyaxonfiles.ts';
import type { Run, Tree } from '../tree.ts';
import { projectPath, type ProjectOptions, type Session } from '../session.ts';
import { projectToUpload, upload } from '../upload.ts';
import { repeated } from './repeated.ts';

interface CheckOptions {
  readonly file?: readonly string[];
  readonly param?: readonly string[];
  readonly definition?: boolean;
  readonly schema?: boolean;
}

export function defineCode(tree: Tree): void {
  tree.command(tree.root, 'init <project>', 'initialise this folder for a project: its code goes there, and its name need not be said again', async () => init);
  tree
    .command(tree.root, 'upload', 'upload this folder, without what .polyaxonignore names, as the latest code of its project', async () => uploadHere)
    .option('-p, --project <project>', 'to be sure which one it is');
  tree
    .command(tree.root, 'check', 'is a polyaxonfile valid?', async () => check)
    .option('-f, --file <file>', 'repeatable: later ones override', repeated)
    .option('-P, --param <name=value>', 'repeatable', repeated)
    .option('--definition', 'print what would run')
    .option('--schema', 'print the JSON Schema of polyaxonfiles, for editors');
}

const init: Run<object, [string]> = async (session, _options, name) => {
  const project = await session.api.get<ProjectBody>(projectPath(session.named(name)));
  initialise(session, project);
  await session.out.said('Project was initialized', project, project.name);
  session.out.next('polyaxon run -f polyaxonfile.yml -u -l');
};

export function initialise({ workspace, out }: Session, { user, name }: ProjectBody): void {
  const { wroteIgnoreFile } = workspace.initialise({ user, project: name });
  out.notice(`${resolve(workspace.directory)} is initialised for ${user}/${name}${wroteIgnoreFile ? '; .polyaxonignore says what is not uploaded' : ''}`);
}

const uploadHere: Run<ProjectOptions> = async (session, options) => {
  const uploaded = await upload(session, projectToUpload(session, options));
  await session.out.said('Files uploaded.', uploaded, uploaded.revision);
  session.out.next('polyaxon run -f polyaxonfile.yml -l');
};

const check: Run<CheckOptions> = async ({ workspace, out }, { file = [], param = [], definition, schema }) => {
  if (schema) return printSchema(out);
  const files = file.length > 0 ? file : [usualPolyaxonfile(workspace.directory)];
  const { specification } = await polyaxonfile(files, param);
  const rendered = async () => `Polyaxonfile valid\n${(await import('yaml')).stringify(specification).trimEnd()}`;
  await out.result({ valid: true, specification }, { text: () => (definition ? rendered() : 'Polyaxonfile valid'), name: [...files] });
};

async function printSchema(out: Session['out']): Promise<void> {
  const { polyaxonfileSchema } = await import('#polyaxonfile');
  const schema = polyaxonfileSchema();
  await out.result(schema, { text: () => JSON.stringify(schema, null, 2), name: [] });
}
