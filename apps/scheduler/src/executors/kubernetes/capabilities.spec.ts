// Does an installation hear which right, or which version, is missing?
import { capabilitiesOf } from './capabilities.ts';

const cluster = (minor: number, refused: readonly string[] = [], offered: readonly string[] = []) => ({
  namespace: 'runs',
  version: async () => ({ major: 1, minor, said: `v1.${minor}.0` }),
  offers: async (kind: string) => offered.includes(kind),
  mayWe: async ({ verb, resource, part }: { verb: string; resource: string; part?: string }) => !refused.includes(`${verb} ${resource}${part === undefined ? '' : `/${part}`}`),
});

describe('what a cluster lets us do', () => {
  it('is enough', async () => expect(await capabilitiesOf(cluster(29))).toEqual({ hindrance: undefined, lacks: undefined }));
  it('is too little without sidecars', async () => expect((await capabilitiesOf(cluster(28))).hindrance).toContain('v1.28.0, which has no native sidecars: 1.29 or later'));
  it('is too little when verbs are forbidden', async () => {
    expect((await capabilitiesOf(cluster(34, ['patch pods', 'watch pods', 'create jobs']))).hindrance).toContain('forbids the scheduler to create jobs, watch, patch pods in namespace runs');
  });
  it.each([
    ['jobset', [], 'POLYAXON_KUBERNETES_REPLICAS is jobset, and the cluster offers no JobSet (jobset.x-k8s.io/v1alpha2): install it (kubectl apply --server-side -f https://'],
    ['trainjob', ['TrainJob', 'JobSet'], "POLYAXON_KUBERNETES_REPLICAS is trainjob, and the cluster offers no Kubeflow's trainer (trainer.kubeflow.org/v1alpha1): install it (kubectl apply --server-side -k \"https://"],
  ] as const)('is too little when what %ss are made by is not there', async (as, offered, says) => {
    expect((await capabilitiesOf(cluster(34, [], offered), as)).hindrance).toContain(says);
    expect((await capabilitiesOf(cluster(34, [], offered), as)).hindrance).toContain('or set it to job');
  });
  it('asks for the verbs of what is configured, and of nothing else', async () => {
    const ours = cluster(34, ['watch jobsets', 'create trainingruntimes'], ['JobSet', 'TrainJob', 'TrainingRuntime']);
    expect((await capabilitiesOf(ours, 'jobset')).hindrance).toContain('forbids the scheduler to watch jobsets in namespace runs');
    expect((await capabilitiesOf(ours, 'trainjob')).hindrance).toContain('forbids the scheduler to create trainingruntimes in namespace runs');
    expect((await capabilitiesOf(ours)).hindrance).toBeUndefined();
  });
  it('is too little where images are built and that is forbidden, and says in which namespace', async () => {
    const builds = { ...cluster(34, ['create jobs', 'get pods/log']), namespace: 'builds' };
    expect((await capabilitiesOf(cluster(34), 'job', builds)).hindrance).toBe(
      'the cluster forbids the scheduler to create jobs, get pods/log in namespace builds, where images are built: a Role has to allow it (docs/kubernetes.md)',
    );
    expect((await capabilitiesOf(cluster(34, ['delete pods']), 'job', builds)).hindrance).toContain('to delete pods in namespace runs, and to create jobs, get pods/log in namespace builds');
    expect((await capabilitiesOf(cluster(34), 'job', { ...cluster(34), namespace: 'builds' })).hindrance).toBeUndefined();
  });
  it('is enough when it only tells us less', async () => expect(await capabilitiesOf(cluster(34, ['get nodes']))).toMatchObject({ hindrance: undefined, lacks: expect.stringContaining('get nodes') }));
});
