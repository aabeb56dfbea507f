// Is every reference looked up where it points, and nothing shown to who may not read it?
import type { ExperimentView } from '../views/experiments.view.ts';
import type { ProjectView } from '../views/projects.view.ts';
import { References } from './references.ts';

const projects = [
  { id: 1, user: 'mona', name: 'mnist', isPublic: true },
  { id: 2, user: 'mona', name: 'closed', isPublic: false },
] as ProjectView[];
const body = { outputs_state: 'kept' };
const experiments = [
  { id: 12, projectId: 1, originalId: 12, outputsPath: 'mona/mnist/experiments/12', outputsStore: 'default', name: 'best', body },
  { id: 15, projectId: 1, originalId: 12, outputsPath: 'mona/mnist/experiments/12', outputsStore: 'default', name: null, body },
  { id: 16, projectId: 1, originalId: 16, outputsPath: 'mona/mnist/experiments/16', outputsStore: 'default', name: null, body: { outputs_state: 'deleted' } },
  { id: 20, projectId: 2, originalId: 20, outputsPath: 'mona/closed/experiments/20', outputsStore: 'archive', name: 'secret', body },
] as unknown as (ExperimentView & { name: string | null })[];

const references = new References(
  {
    find: async (id) => experiments.find((one) => one.id === id) ?? null,
    findNamed: async (projectId, name) => experiments.find((one) => one.projectId === projectId && one.name === name) ?? null,
  },
  { find: async (user, name) => projects.find((one) => one.user === user && one.name === name) ?? null, get: async (id) => projects.find((one) => one.id === id) ?? null },
  { find: async (username) => ({ username, email: null, isSuperuser: username === 'root' }) },
);
const found = async (reference: string | number, actor = 'mona', project = projects[0] as ProjectView) =>
  (await references.check({ outputs: { experiments: [reference] } }, project, actor)).map(({ experimentId }) => experimentId);

describe('a reference', () => {
  it.each([[12], ['12'], ['best'], ['mnist/best'], ['mona/mnist/best'], ['mona/mnist/12']])('%p is found', async (reference) => expect(await found(reference)).toEqual([12]));
  it('of a resume leads to the outputs of its original', async () =>
    expect(await references.check({ outputs: { experiments: [15] } }, projects[0] as ProjectView, 'mona')).toEqual([{ experimentId: 15, originalExperimentId: 12, outputsPath: 'mona/mnist/experiments/12' }]));
  it.each([[99], ['worst'], ['closed/best'], ['mona/closed/12'], ['adam/mnist/best']])('%p leads nowhere', async (reference) =>
    expect(found(reference)).rejects.toMatchObject({ code: 'reference-invalid' }));
  it('to outputs that were deleted is refused', async () => expect(found(16)).rejects.toMatchObject({ code: 'reference-invalid', message: expect.stringContaining('were deleted') as string }));
  it('to what is private is for those who may read it', async () => {
    expect(await found(20)).toEqual([20]);
    expect(await found(20, 'root')).toEqual([20]);
    expect(await references.check({ outputs: { experiments: [20] } }, projects[0] as ProjectView, 'mona')).toMatchObject([{ outputsStore: 'archive' }]);
    await expect(found(20, 'adam')).rejects.toMatchObject({ code: 'reference-invalid', message: 'environment.outputs.experiments: there is no experiment 20 that adam may read' });
  });
});
