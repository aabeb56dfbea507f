// How do the pods of a test cluster find each other by name? The DNS that clusters have, as one more process.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { startDaemon, until, type Daemon } from './daemon.ts';
import { dnsProgram } from './provide.ts';

export const clusterDomain = 'cluster.local';

/** Its answers are as old as a second at most; names of elsewhere it refuses. `address`: of this machine, as pods see it. */
export async function startDns(folder: string, kubeconfig: string, address: string): Promise<Daemon> {
  const ready = `127.0.0.1:${await freePort()}`;
  const file = join(folder, 'Corefile');
  await writeFile(file, `${clusterDomain}:53 {
  bind ${address}
  ready ${ready}
  errors
  kubernetes {
    kubeconfig ${kubeconfig}
    ttl 1
  }
}
`);
  const daemon = startDaemon(dnsProgram(), ['-conf', file], folder);
  await until('the DNS', daemon, async () => (await fetch(`http://${ready}/ready`)).ok);
  return daemon;
}
