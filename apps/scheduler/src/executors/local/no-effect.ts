// What was asked for that means nothing on one machine, without containers?
import type { ExperimentOrder } from '#contracts';

const machineAccess = ['security_context', 'volumes', 'volume_mounts', 'host_path', 'host_network', 'host_pid', 'host_ipc', 'privileged'];
const cluster = ['node_selector', 'affinity', 'tolerations', 'service_account', 'image_pull_secrets', 'labels', 'annotations', 'replicas', ...machineAccess];
const container = ['image', 'dockerfile', 'ref', 'context', 'commit', 'branch', 'nocache', 'backend'];

/** One line for each section, recorded all the same, so that the same file still means all of it on a cluster. */
export function noEffect({ environment, build }: ExperimentOrder): readonly string[] {
  const ignored = given(environment, cluster);
  const unused = given(build ?? {}, container);
  return [
    ...(ignored.length > 0 ? [`environment: ${ignored.join(', ')} ${has(ignored)} no effect on this machine, which runs it as one process`] : []),
    ...(unused.length > 0 ? [`build: ${unused.join(', ')} ${has(unused)} no effect on this machine: no container is made, the program runs with what is installed here`] : []),
  ];
}

function given(section: Readonly<Record<string, unknown>>, names: readonly string[]): string[] {
  return names.filter((name) => {
    const value = section[name];
    return value !== undefined && value !== null && value !== false && !(typeof value === 'object' && Object.keys(value).length === 0);
  });
}

function has(names: readonly string[]): string {
  return names.length > 1 ? 'have' : 'has';
}
