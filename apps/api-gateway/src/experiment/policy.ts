// May a polyaxonfile ask for that here?
import { Refusal } from '#decider';
import { replicasOf, resourcesOf, type JsonMapping } from '#polyaxonfile';

/** What an installation allows. Null: it says nothing about it. */
export interface Policy {
  /** Whether nothing may reach the machine under a run, or more rights than every run has. */
  readonly isRestricted: boolean;
  /** That may be named. */
  readonly serviceAccounts: readonly string[] | null;
  /** Of one run, with all its replicas. */
  readonly cpuCoresMax: number | null;
  readonly memoryBytesMax: number | null;
  readonly gpusMax: number | null;
}

export const anythingGoes: Policy = { isRestricted: false, serviceAccounts: null, cpuCoresMax: null, memoryBytesMax: null, gpusMax: null };

interface Broken {
  readonly rule: string;
  readonly what: string;
  readonly fix: string;
}

type Rendered = Readonly<Record<string, unknown>>;

const leaveOut = 'leave it out; a run has what its image and the installation give it';
const nameData = 'leave it out, and name data in environment.data_refs, which an administrator has volumes for';

/** Of a rendered `environment`. Everything that is wrong is said at once; the first rule names it. */
export function refuseForbidden(policy: Policy, environment: Rendered): void {
  const broken = brokenIn(policy, environment);
  const [first] = broken;
  if (!first) return;
  throw new Refusal('policy-forbids', broken.map(({ rule, what }) => `policy rule ${rule}: ${what}`).join('; '), first.fix);
}

function brokenIn(policy: Policy, environment: Rendered): Broken[] {
  return [
    ...(policy.isRestricted ? [...flags(environment), ...rights(environment), ...mounts(environment)] : []),
    ...accounts(policy.serviceAccounts, environment),
    ...quotas(policy, environment),
  ];
}

function flags(environment: Rendered): Broken[] {
  const wholes = { privileged: 'privileged', host_network: 'host-network', host_pid: 'host-pid', host_ipc: 'host-ipc' };
  const what = {
    privileged: 'makes a run as mighty as its machine',
    host_network: 'is the network of the machine',
    host_pid: 'shows all processes of the machine',
    host_ipc: 'is the memory that others on the machine share',
  };
  return Object.entries(wholes).flatMap(([key, rule]) => (environment[key] === true ? [{ rule, what: `environment.${key} ${what[key as keyof typeof what]}`, fix: leaveOut }] : []));
}

/** As people write them, in either spelling. */
function rights(environment: Rendered): Broken[] {
  const context = Object.fromEntries(Object.entries(mappingOf(environment.security_context)).map(([key, value]) => [key.replaceAll('_', '').toLowerCase(), value]));
  const added = listOf(mappingOf(context.capabilities).add);
  const seccomp = mappingOf(context.seccompprofile).type;
  const found: [boolean, string, string][] = [
    [context.privileged === true, 'privileged', 'privileged makes a run as mighty as its machine'],
    [context.allowprivilegeescalation === true, 'privilege-escalation', 'a run gets no rights that it did not begin with'],
    [Number(context.runasuser ?? 1) === 0 || Number(context.runasgroup ?? 1) === 0 || context.runasnonroot === false, 'run-as-root', 'runs are never root'],
    [added.length > 0, 'capabilities', `capabilities are not handed out (${added.map(String).join(', ')})`],
    [String(seccomp).toLowerCase() === 'unconfined', 'seccomp', 'system calls stay filtered'],
  ];
  return found.flatMap(([isFound, rule, what]) => (isFound ? [{ rule, what: `environment.security_context: ${what}`, fix: leaveOut }] : []));
}

function mounts(environment: Rendered): Broken[] {
  const { host_path: path, volumes, volume_mounts: places } = environment;
  const ofHost = listOf(volumes).filter((one) => 'hostPath' in mappingOf(one) || 'host_path' in mappingOf(one));
  const others = listOf(volumes).length - ofHost.length;
  return [
    ...(isSaid(path) ? [{ rule: 'host-path', what: 'environment.host_path is a folder of the machine', fix: nameData }] : []),
    ...(ofHost.length > 0 ? [{ rule: 'host-path', what: `environment.volumes: ${ofHost.map((one) => String(mappingOf(one).name ?? 'one')).join(', ')} is a folder of the machine`, fix: nameData }] : []),
    ...(others > 0 || listOf(places).length > 0 ? [{ rule: 'volumes', what: `environment.${others > 0 ? 'volumes' : 'volume_mounts'}: volumes are named by administrators`, fix: nameData }] : []),
  ];
}

function accounts(allowed: readonly string[] | null, { service_account: account }: Rendered): Broken[] {
  if (allowed === null || typeof account !== 'string' || allowed.includes(account)) return [];
  const fix = allowed.length === 0 ? 'leave environment.service_account out' : `name one of ${allowed.join(', ')} in environment.service_account, or none`;
  return [{ rule: 'service-account', what: `environment.service_account ${account} may not be had`, fix }];
}

function quotas({ cpuCoresMax, memoryBytesMax, gpusMax }: Policy, environment: Rendered): Broken[] {
  const replicas = replicasOf(environment as JsonMapping);
  const asked = (replicas.length === 0 ? [environment as JsonMapping] : replicas.map((one) => one.environment)).map(resourcesOf);
  const sum = (of: 'cpu' | 'memory' | 'gpu') => asked.reduce((total, one) => total + Math.max(one?.[of]?.limits ?? 0, one?.[of]?.requests ?? 0), 0);
  const together = replicas.length === 0 ? '' : ` by its ${replicas.length} processes together`;
  const over = (of: 'cpu' | 'memory' | 'gpu', most: number | null, shown: (amount: number) => string): Broken[] => {
    const total = sum(of);
    if (most === null || total <= most) return [];
    const what = `environment.resources.${of}: ${shown(total)} asked for${together}, a run may have ${shown(most)}`;
    return [{ rule: `${of}-quota`, what, fix: `ask for at most ${shown(most)}, or ask an administrator for more` }];
  };
  return [...over('cpu', cpuCoresMax, (cores) => `${cores} cores`), ...over('memory', memoryBytesMax, inMebibytes), ...over('gpu', gpusMax, String)];
}

function inMebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 ** 2)}Mi`;
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== '';
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

function mappingOf(value: unknown): Rendered {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Rendered) : {};
}
