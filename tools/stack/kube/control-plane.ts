// How does a control plane of Kubernetes run as plain processes on this machine?
import { mkdir } from 'node:fs/promises';
import { request } from 'node:https';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { Certificates } from './certificates.ts';
import { startDaemon, until, type Daemon } from './daemon.ts';
import { kwok, programOf, stagesFile, type Level } from './provide.ts';
import { programOf as goProgramOf } from '../go-program.ts';

/** A node that is silent for so long is not ready. */
const nodeGraceSeconds = 8;
/** Of the addresses of Services; the first is that of the API server. */
export const serviceRange = '10.96.0.0/16';

export class ControlPlane {
  readonly certificates: Certificates;
  readonly #daemons: Daemon[] = [];
  #etcdPort = 0;
  #apiPort = 0;
  #api: Daemon | undefined;

  constructor(private readonly folder: string) {
    this.certificates = new Certificates(join(folder, 'pki'));
  }

  get url(): string {
    return `https://127.0.0.1:${this.#apiPort}`;
  }

  async start(level: Level): Promise<void> {
    await mkdir(join(this.folder, 'served'), { recursive: true });
    [this.#etcdPort, this.#apiPort] = [await freePort(), await freePort()];
    await this.certificates.make(this.url);
    const [clients, peers] = [`http://127.0.0.1:${this.#etcdPort}`, `http://127.0.0.1:${await freePort()}`];
    this.#daemons.push(startDaemon(programOf('etcd'), [
      '--data-dir', join(this.folder, 'etcd'), '--listen-client-urls', clients, '--advertise-client-urls', clients, '--listen-peer-urls', peers, '--initial-advertise-peer-urls', peers,
      '--initial-cluster', `default=${peers}`, '--unsafe-no-fsync', '--log-level', 'warn',
    ], this.folder));
    await this.startApiServer();
    if (level !== 'api') await this.#startControllers();
  }

  async startApiServer(): Promise<void> {
    const { certificates } = this;
    this.#api = startDaemon(programOf('kube-apiserver'), [
      `--etcd-servers=http://127.0.0.1:${this.#etcdPort}`, '--bind-address=127.0.0.1', '--advertise-address=127.0.0.1', `--secure-port=${this.#apiPort}`, `--cert-dir=${join(this.folder, 'served')}`,
      `--tls-cert-file=${certificates.path('apiserver.crt')}`, `--tls-private-key-file=${certificates.path('apiserver.key')}`, `--client-ca-file=${certificates.path('ca.crt')}`,
      `--service-account-key-file=${certificates.path('accounts.key')}`, `--service-account-signing-key-file=${certificates.path('accounts.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc', `--service-cluster-ip-range=${serviceRange}`, '--authorization-mode=Node,RBAC', '--enable-admission-plugins=NodeRestriction',
      `--kubelet-client-certificate=${certificates.path('admin.crt')}`, `--kubelet-client-key=${certificates.path('admin.key')}`, `--kubelet-certificate-authority=${certificates.path('ca.crt')}`,
      '--endpoint-reconciler-type=none', '--allow-privileged=true',
    ], this.folder);
    await until('the API server', this.#api, async () => (await this.#ready()) === 200);
  }

  /** SIGKILL: as if its machine had gone. */
  async stopApiServer(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#api?.stop(signal);
    this.#api = undefined;
  }

  /** It answers nobody, and has forgotten nothing when it goes on. */
  pauseApiServer(): void {
    process.kill(this.#api?.pid ?? NaN, 'SIGSTOP');
  }

  resumeApiServer(): void {
    process.kill(this.#api?.pid ?? NaN, 'SIGCONT');
  }

  /** Everything older than now is forgotten: whoever watches from there is told 410. */
  async compact(): Promise<void> {
    const ask = async (path: string, body: object): Promise<Record<string, unknown>> => {
      const answer = await fetch(`http://127.0.0.1:${this.#etcdPort}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(`etcd: ${path}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as Record<string, unknown>;
    };
    const { header } = (await ask('maintenance/status', {})) as { header: { revision: string } };
    await ask('kv/compaction', { revision: header.revision, physical: true });
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#daemons.splice(0).reverse(), ...(this.#api ? [this.#api] : [])].map((one) => one.stop('SIGKILL')));
  }

  async #startControllers(): Promise<void> {
    const { certificates } = this;
    const as = (who: 'controllers' | 'scheduler'): string[] => {
      const file = certificates.kubeconfig(who);
      return [`--kubeconfig=${file}`, `--authentication-kubeconfig=${file}`, `--authorization-kubeconfig=${file}`, '--leader-elect=false', '--bind-address=127.0.0.1', `--cert-dir=${join(this.folder, 'served')}`];
    };
    this.#daemons.push(
      startDaemon(programOf('kube-controller-manager'), [
        ...as('controllers'), `--secure-port=${await freePort()}`, `--service-account-private-key-file=${certificates.path('accounts.key')}`, `--root-ca-file=${certificates.path('ca.crt')}`,
        '--use-service-account-credentials=true', '--controllers=*,-nodeipam,-node-route-controller,-service-lb-controller,-cloud-node-lifecycle-controller',
        '--node-monitor-period=1s', `--node-monitor-grace-period=${nodeGraceSeconds}s`, '--kube-api-qps=200', '--kube-api-burst=400',
      ], this.folder),
      startDaemon(programOf('kube-scheduler'), [...as('scheduler'), `--secure-port=${await freePort()}`, '--kube-api-qps=200', '--kube-api-burst=400'], this.folder),
      startDaemon(goProgramOf(kwok), [
        `--kubeconfig=${certificates.kubeconfig('admin')}`, '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake', '--config', stagesFile(), '--server-address', `127.0.0.1:${await freePort()}`,
      ], this.folder),
    );
  }

  /** Of its API, quicker than by kubectl. */
  async get<Answer>(path: string): Promise<Answer> {
    const { status, text } = await this.#ask(path);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    return JSON.parse(text) as Answer;
  }

  async #ready(): Promise<number | undefined> {
    return (await this.#ask('/readyz')).status;
  }

  #ask(path: string): Promise<{ status: number | undefined; text: string }> {
    const read = (name: string): Buffer => readFileSync(this.certificates.path(name));
    return new Promise((done, failed) => {
      request(`${this.url}${path}`, { ca: read('ca.crt'), cert: read('admin.crt'), key: read('admin.key'), timeout: 5000 }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk)).once('error', failed).once('end', () => done({ status: answer.statusCode, text }));
      }).once('error', failed).end();
    });
  }
}
