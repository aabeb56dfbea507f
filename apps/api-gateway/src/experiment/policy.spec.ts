// Is what the installation does not allow refused by the rule's name, and nothing else?
import { Refusal } from '#decider';
import { anythingGoes, refuseForbidden, type Policy } from './policy.ts';

const restricted: Policy = { ...anythingGoes, isRestricted: true };

function refused(policy: Policy, environment: Record<string, unknown>): { code?: string; message?: string; fix?: string | undefined } {
  try {
    refuseForbidden(policy, environment);
    return {};
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { code: error.code as string, message: error.message, fix: error.fix };
  }
}

it.each([
  ['privileged', { privileged: true }],
  ['privileged', { security_context: { privileged: true } }],
  ['privilege-escalation', { security_context: { allowPrivilegeEscalation: true } }],
  ['privilege-escalation', { security_context: { allow_privilege_escalation: true } }],
  ['run-as-root', { security_context: { runAsUser: 0 } }],
  ['run-as-root', { security_context: { run_as_non_root: false } }],
  ['capabilities', { security_context: { capabilities: { add: ['SYS_ADMIN'] } } }],
  ['seccomp', { security_context: { seccompProfile: { type: 'Unconfined' } } }],
  ['host-network', { host_network: true }],
  ['host-pid', { host_pid: true }],
  ['host-ipc', { host_ipc: true }],
  ['host-path', { host_path: '/etc' }],
  ['host-path', { volumes: [{ name: 'etc', hostPath: { path: '/etc' } }] }],
  ['host-path', { volumes: [{ name: 'etc', host_path: '/etc' }] }],
  ['volumes', { volumes: [{ name: 'claim', persistentVolumeClaim: { claimName: 'theirs' } }] }],
  ['volumes', { volume_mounts: [{ mountPath: '/x' }] }],
])('%s forbids %j', (rule, environment) => {
  expect(refused(restricted, environment)).toMatchObject({
    code: 'policy-forbids',
    message: expect.stringContaining(`policy rule ${rule}: environment.`) as string,
    fix: expect.stringMatching(/^leave it out/) as string,
  });
  expect(refused(anythingGoes, environment)).toEqual({});
});

it.each([
  {}, { security_context: { runAsUser: 1000, runAsNonRoot: true, capabilities: { drop: ['ALL'] } } }, { host_network: false, privileged: null, volumes: [] }, { service_account: 'any', resources: { gpu: { limits: 8 } } },
])('nothing forbids %j', (environment) => expect(refused(restricted, environment)).toEqual({}));

it('names every rule that is broken, at once', () =>
  expect(refused(restricted, { host_pid: true, host_network: true }).message).toMatch(/policy rule host-network: .*; policy rule host-pid: /));

it('knows who a run may be', () => {
  const policy = { ...anythingGoes, serviceAccounts: ['trainer'] };
  expect(refused(policy, { service_account: 'trainer' })).toEqual({});
  expect(refused(policy, {})).toEqual({});
  expect(refused(policy, { service_account: 'admin' })).toEqual({
    code: 'policy-forbids', message: 'policy rule service-account: environment.service_account admin may not be had', fix: 'name one of trainer in environment.service_account, or none',
  });
  expect(refused({ ...policy, serviceAccounts: [] }, { service_account: 'admin' }).fix).toBe('leave environment.service_account out');
});

it('knows how much a run may have, with all that belong to it', () => {
  const policy = { ...anythingGoes, cpuCoresMax: 4, memoryBytesMax: 1024 ** 3, gpusMax: 2 };
  expect(refused(policy, { resources: { cpu: { limits: 4 }, memory: { limits: '1Gi' }, gpu: { requests: 2 } } })).toEqual({});
  expect(refused(policy, { resources: { cpu: { requests: '4500m' } } })).toMatchObject({
    message: 'policy rule cpu-quota: environment.resources.cpu: 4.5 cores asked for, a run may have 4 cores', fix: 'ask for at most 4 cores, or ask an administrator for more',
  });
  expect(refused(policy, { resources: { memory: { limits: '2Gi' } } }).message).toBe('policy rule memory-quota: environment.resources.memory: 2048Mi asked for, a run may have 1024Mi');
  expect(refused(policy, { resources: { gpu: { limits: 1 } }, replicas: { n_workers: 2 } }).message).toBe(
    'policy rule gpu-quota: environment.resources.gpu: 3 asked for by its 3 processes together, a run may have 2');
});
