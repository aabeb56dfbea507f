// Is what tests call a cluster a real one: containers with a network, nodes that vanish, a history that is forgotten?
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { until, withCluster, type Cluster } from '#testing';
import { run } from '../program.ts';

withCluster('node', 'a cluster of this machine', (open) => {
  let cluster: Cluster;
  let server: Server;
  beforeAll(async () => {
    cluster = await open();
    server = createServer((_, answer) => void answer.end('hello from the machine'));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  }, 180_000);
  afterAll(async () => {
    server.close();
    await cluster.stop();
  }, 60_000);

  const readyOf = (name: string) => cluster.kubectl(['get', 'node', name, '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}']);
  const ended = (job: string) => until(`${job} has ended`, async () => ((await cluster.kubectl(['get', 'job', job, '-o', 'jsonpath={.status.conditions[*].type}'])).includes('Complete') ? true : null), 60_000);

  it('runs a container as the strictest rules want it, which reaches a server of this machine, and is found by its name', async () => {
    const address = await cluster.reach((server.address() as AddressInfo).port);
    await cluster.kubectl(['label', 'namespace', 'default', 'pod-security.kubernetes.io/enforce=restricted']);
    const program = `
import socket, time, urllib.request
print(urllib.request.urlopen('http://${address}').read().decode())
own = socket.gethostbyname(socket.gethostname())
def found(name):
    for _ in range(300):
        try:
            return socket.gethostbyname(name)
        except socket.gaierror:
            time.sleep(0.1)
print(found('asks') == own, found('asks.default.svc.cluster.local') == own)
`;
    await cluster.kubectl(['create', '-f', '-'], { apiVersion: 'v1', kind: 'Service', metadata: { name: 'asks' }, spec: { clusterIP: 'None', selector: { 'job-name': 'asks' }, publishNotReadyAddresses: true } });
    await cluster.kubectl(['create', '-f', '-'], restrictedJob('asks', ['python3', '-c', program]));
    await ended('asks');
    expect(await cluster.kubectl(['logs', 'job/asks'])).toBe('hello from the machine\nTrue True\n');
  }, 90_000);

  it('lets pods reach each other again when an engine of Docker that ended has laid all rules of this machine anew', async () => {
    const bridge = readFileSync(join(cluster.folder, 'bridge'), 'utf8');
    const rule = ['FORWARD', '--in-interface', bridge, '--out-interface', bridge, '--jump', 'ACCEPT'];
    await run('iptables', ['--wait', '--delete', ...rule]);
    await until('it is there again', () => run('iptables', ['--wait', '--check', ...rule]).then(() => true, () => null), 20_000);
  }, 30_000);

  it('takes a second node in, and misses it when it vanishes', async () => {
    await cluster.addNode('127.0.0.2');
    expect(await readyOf('127.0.0.2')).toBe('True');
    await cluster.loseNode('127.0.0.2');
    await until('the node is missed', async () => ((await readyOf('127.0.0.2')) === 'Unknown' ? true : null), 60_000);
    expect(await readyOf('127.0.0.1')).toBe('True');
  }, 120_000);

  it('has an API server that may be killed, and a history that may be forgotten', async () => {
    await cluster.kubectl(['create', 'configmap', 'one']);
    await cluster.control.stopApiServer('SIGKILL');
    await expect(cluster.kubectl(['get', 'nodes'])).rejects.toThrow(/refused|reset|EOF/);
    await cluster.control.startApiServer();
    await cluster.control.compact();
    expect(await cluster.kubectl(['get', '--raw', '/api/v1/namespaces/default/configmaps?watch=true&timeoutSeconds=5&resourceVersion=1'])).toContain('"code":410');
  }, 90_000);

  it('plays nodes for what needs no container', async () => {
    await cluster.addFakeNodes(2);
    const job = restrictedJob('played', ['true']);
    Object.assign(job.spec.template.spec, { nodeSelector: { type: 'kwok' } });
    await cluster.kubectl(['create', '-f', '-'], job);
    await ended('played');
  }, 90_000);
});

function restrictedJob(name: string, command: readonly string[]) {
  const container = { name: 'one', image: 'polyaxon.test/python:test', imagePullPolicy: 'Never', command, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } };
  const spec = { restartPolicy: 'Never', securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } }, containers: [container] };
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: { backoffLimit: 0, template: { spec } } };
}
