// Is the same build the same for everybody, and another one another?
import { LaunchFailed } from '../../executor.ts';
import { attemptObjects } from './attempt-objects.ts';
import { buildObjects } from './build-objects.ts';
import { buildPlanOf } from './build-plan.ts';
import type { ClusterSettings } from './cluster-settings.ts';
import { attemptWith, build, settings } from './objects-fixture.ts';

const building: ClusterSettings = { ...settings, build };
const withSteps = { build: { image: 'python:3.12', build_steps: ['pip install torch', 'make'] } };
const planOf = (order: Parameters<typeof attemptWith>[0] = withSteps, of = building, attempt = 1) => buildPlanOf(attemptWith(order, attempt).order, of);
const programOf = (order: Parameters<typeof attemptWith>[0], of = building) => attemptObjects(attemptWith(order), of).job.spec!.template.spec!.containers[0]!;

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof LaunchFailed) return error.message;
    throw error;
  }
  return 'nothing';
}

describe('what is built', () => {
  it.each([
    ['an image alone', { build: { image: 'python:3.12' } }], ['nothing', {}], ['another build', { build: { ref: 'a'.repeat(20) } }],
  ])('is nothing for %s', (_, order) => expect(planOf(order)).toBeNull());
  it('is nothing where no registry is configured', () => expect(planOf(withSteps, settings)).toBeNull());
  it('is named after what goes into it, for whichever attempt', () => {
    const plan = planOf();
    expect(plan).toMatchObject({ name: `build-${plan?.key}`, image: `registry.lab:5000/team/runs:${plan?.key}`, base: { image: 'python:3.12' }, what: 'python:3.12 and 2 build steps' });
    expect(planOf(withSteps, building, 7)).toEqual(plan);
    expect(planOf({ ...withSteps, experimentId: 99, command: 'another', params: { lr: 1 } })).toEqual(plan);
  });
  it.each([
    ['code', { ...withSteps, codeRevision: 'd'.repeat(64) }],
    ['steps', { build: { image: 'python:3.12', build_steps: ['make'] } }],
    ['a base', { build: { image: 'python:3.13', build_steps: withSteps.build.build_steps } }],
    ['variables of the steps', { build: { ...withSteps.build, env_vars: [['A', 'b']] } }],
    ['a wish for a fresh one', { build: { ...withSteps.build, nocache: true } }],
  ])('is another with other %s', (_, order) => expect(planOf(order)?.key).not.toBe(planOf()?.key));
  it('is another of another platform, whose Jobs it never finds', () => expect(planOf(withSteps, { ...building, platformId: 'another' })?.key).not.toBe(planOf()?.key));
  it('runs steps as attempt.sh does, whatever they hold', () => {
    const [copy, folder, first, second] = planOf({ build: { image: 'i', build_steps: ['echo "$HOME"\nmake', 'true'], env_vars: [['WHO', "it's"]] } })!.lines;
    expect([copy, folder]).toEqual(['COPY [".", "/polyaxon/code/"]', 'WORKDIR /polyaxon/code']);
    const [shell, flag, , step, title] = JSON.parse(first!.slice('RUN '.length)) as string[];
    expect([shell, flag, step, title]).toEqual(['/bin/sh', '-c', `export WHO='it'\\''s'\necho "$HOME"\nmake`, 'build step 1 of 2']);
    expect(second).not.toContain('\n');
  });
  it('needs code for a Dockerfile, and says how to send it', () => {
    expect(refusal(() => planOf({ build: { dockerfile: 'Dockerfile' }, codeRevision: null }))).toContain('build.dockerfile: Dockerfile is a file of the code, and this experiment has none; to mend it: send the code');
  });
  it.each([['dockerfile', '../Dockerfile'], ['context', '/etc']])('does not leave the code by its %s', (key, path) => {
    expect(refusal(() => planOf({ build: { dockerfile: 'Dockerfile', [key]: path } }))).toContain(`build.${key}: ${path} is not in the code`);
  });
});

describe('an attempt with an image of its own', () => {
  it('runs in it, pulled when it is not there, and runs no steps again', () => {
    const program = programOf(withSteps);
    const variables = Object.fromEntries((program.env ?? []).map(({ name, value }) => [name, value]));
    expect(program).toMatchObject({ image: planOf()?.image, imagePullPolicy: 'IfNotPresent' });
    expect(variables).toMatchObject({ POLYAXON_ATTEMPT_STEPS: '0', POLYAXON_ATTEMPT_BUILT: '/polyaxon/code' });
  });
  it('runs the steps itself where no images are built', () => {
    const variables = Object.fromEntries((programOf(withSteps, settings).env ?? []).map(({ name, value }) => [name, value]));
    expect(variables).toMatchObject({ POLYAXON_ATTEMPT_STEPS: '2' });
    expect(variables).not.toHaveProperty('POLYAXON_ATTEMPT_BUILT');
  });
  it('may be that of a former build', () => expect(programOf({ build: { ref: `build-${'a'.repeat(20)}` } }).image).toBe(`registry.lab:5000/team/runs:${'a'.repeat(20)}`));
  it('says what a reference looks like', () => expect(refusal(() => programOf({ build: { ref: 12 } }))).toContain('build.ref: no build is called 12; to mend it'));
});

describe('the Job of a build', () => {
  const objects = (how: Partial<typeof build> = {}) => {
    const whole = { ...build, ...how };
    const { job, secret } = buildObjects(attemptWith(withSteps), planOf()!, { ...building, build: whole }, whole);
    return { job, pod: job.spec!.template.spec!, secret: secret({ ...job, metadata: { ...job.metadata, uid: 'u' } }) };
  };
  it('is of no attempt, is tried once, and goes by itself', () => {
    const { job } = objects();
    expect(job.metadata).toMatchObject({ name: planOf()?.name, namespace: 'builds', labels: { 'polyaxon.io/build': planOf()?.key }, annotations: { 'waits.polyaxon.io/31-2': '' } });
    expect(job.metadata?.labels).not.toHaveProperty('polyaxon.io/epoch');
    expect(job.spec).toMatchObject({ backoffLimit: 0, activeDeadlineSeconds: 3600, ttlSecondsAfterFinished: 86_400 });
  });
  it('gives the token of the experiment to who brings its code, and logins to the builder, each to nobody else', () => {
    const { pod, secret } = objects();
    const mounts = (of: { volumeMounts?: { name: string }[] } | undefined) => of?.volumeMounts?.map(({ name }) => name);
    expect(secret.metadata?.ownerReferences).toMatchObject([{ kind: 'Job', uid: 'u' }]);
    expect(mounts(pod.initContainers?.[0])).toEqual(['run', 'notes', 'secret']);
    expect(mounts(pod.containers[0])).toEqual(['run', 'state', 'login']);
    expect(JSON.stringify(pod)).not.toContain('the-secret-of-tokens');
    expect(pod.automountServiceAccountToken).toBe(false);
  });
  it('pushes what it has built, with BuildKit that is not root', () => {
    const [builder] = objects().pod.containers;
    expect(builder?.command).toEqual(expect.arrayContaining(['buildctl-daemonless.sh', `type=image,name=${planOf()?.image},push=true`]));
    expect(builder?.securityContext).toMatchObject({ runAsUser: 1000, runAsNonRoot: true });
  });
  it('tells BuildKit of a registry that speaks HTTP', () => {
    const { pod, secret } = objects({ isInsecure: true });
    expect(pod.containers[0]?.command).toContain(`type=image,name=${planOf()?.image},push=true,registry.insecure=true`);
    expect((JSON.parse(secret.stringData!.order!) as { files: object }).files).toEqual({ 'buildkitd.toml': '[registry."registry.lab:5000"]\n  http = true\n' });
  });
  it('is Kaniko where that is wished for', () => {
    const [builder] = objects({ builder: 'kaniko' }).pod.containers;
    expect(builder?.command).toEqual(expect.arrayContaining(['/kaniko/executor', `--destination=${planOf()?.image}`]));
    expect(builder?.volumeMounts).toContainEqual({ name: 'login', mountPath: '/kaniko/.docker', readOnly: true });
  });
});
