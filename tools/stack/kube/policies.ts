// How are the NetworkPolicies of a test cluster enforced?
import { run } from '../program.ts';
import { programOf } from '../go-program.ts';
import { serviceRange } from './control-plane.ts';
import { startDaemon, until, type Daemon } from './daemon.ts';
import { kubeRouter } from './provide.ts';

export interface Policed {
  readonly folder: string;
  readonly kubeconfig: string;
  readonly node: string;
}

/** Looks at what is allowed again and again; rules of it are in force soon after a pod is there, not before. One for a machine: its rules have names of their own. */
export async function enforcePolicies({ folder, kubeconfig, node }: Policed): Promise<{ stop(): Promise<void> }> {
  const daemon: Daemon = startDaemon(programOf(kubeRouter), [
    `--kubeconfig=${kubeconfig}`, `--hostname-override=${node}`, '--run-firewall=true', '--run-router=false', '--run-service-proxy=false', '--run-loadbalancer=false',
    `--service-cluster-ip-range=${serviceRange}`, '--iptables-sync-period=5s', '--health-port=0', '--metrics-port=0', '--v=1',
  ], folder);
  await until('the firewall', daemon, async () => (await run('iptables', ['--wait', '-S', 'FORWARD'])).includes(`-j ${mark}`));
  return {
    async stop() {
      await daemon.stop('SIGKILL');
      await run('sh', ['-c', forget]);
    },
  };
}

const mark = 'KUBE-ROUTER-FORWARD';
/** It leaves its rules and sets behind; every line of one that stays is written again as it is. */
const forget = [
  'iptables-save -t filter | grep -v "KUBE-\\(ROUTER\\|POD-FW\\|NWPLCY\\)" | iptables-restore --wait --table=filter',
  'for set in $(ipset -n list | grep -E "^(inet6:)?KUBE-"); do ipset destroy "$set"; done',
].join('; ');
