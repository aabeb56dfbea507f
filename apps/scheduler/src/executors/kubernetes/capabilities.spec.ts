// Does an installation hear which right, or which version, is missing?
import { capabilitiesOf } from './capabilities.ts';

const cluster = (minor: number, refused: readonly string[] = []) => ({
  namespace: 'runs',
  version: async () => ({ major: 1, minor, said: `v1.${minor}.0` }),
  mayWe: async ({ verb, resource }: { verb: string; resource: string }) => !refused.includes(`${verb} ${resource}`),
});

describe('what a cluster lets us do', () => {
  it('is enough', async () => expect(await capabilitiesOf(cluster(29))).toEqual({ hindrance: undefined, lacks: undefined }));
  it('is too little without sidecars', async () => expect((await capabilitiesOf(cluster(28))).hindrance).toContain('v1.28.0, which has no native sidecars: 1.29 or later'));
  it('is too little when verbs are forbidden', async () => {
    expect((await capabilitiesOf(cluster(34, ['patch pods', 'watch pods', 'create jobs']))).hindrance).toContain('forbids the scheduler to create jobs, watch, patch pods in namespace runs');
  });
  it('is enough when it only tells us less', async () => expect(await capabilitiesOf(cluster(34, ['get nodes']))).toMatchObject({ hindrance: undefined, lacks: expect.stringContaining('get nodes') }));
});
