// With which certificates do the parts of a test cluster know each other?
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../program.ts';

/** Subjects as Kubernetes' own rules of access know them. */
const subjects = {
  apiserver: '/CN=kube-apiserver',
  admin: '/O=system:masters/CN=admin',
  controllers: '/CN=system:kube-controller-manager',
  scheduler: '/CN=system:kube-scheduler',
} as const;
export type Who = keyof typeof subjects;

/** One authority for all, in `folder`; keys of users, and files with which they come in. */
export class Certificates {
  constructor(private readonly folder: string) {}

  path(name: string): string {
    return join(this.folder, name);
  }

  async make(apiServer: string): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await this.#key('ca');
    await run('openssl', ['req', '-x509', '-new', '-key', this.path('ca.key'), '-days', '365', '-subj', '/CN=test-authority', '-out', this.path('ca.crt')]);
    await run('openssl', ['genrsa', '-out', this.path('accounts.key'), '2048']);
    for (const [who, subject] of Object.entries(subjects)) await this.issue(who, subject, apiServer, '127.0.0.1');
  }

  /** A key, a certificate good for a server at `address` and for a client, and a kubeconfig. */
  async issue(who: string, subject: string, apiServer: string, address: string): Promise<void> {
    await this.#key(who);
    await run('openssl', ['req', '-new', '-key', this.path(`${who}.key`), '-subj', subject, '-out', this.path(`${who}.csr`)]);
    await writeFile(this.path(`${who}.ext`), `subjectAltName=DNS:localhost,DNS:kubernetes.default.svc,IP:${address},IP:10.96.0.1\nextendedKeyUsage=serverAuth,clientAuth\n`);
    const authority = ['-CA', this.path('ca.crt'), '-CAkey', this.path('ca.key'), '-CAcreateserial'];
    await run('openssl', ['x509', '-req', '-in', this.path(`${who}.csr`), ...authority, '-days', '365', '-out', this.path(`${who}.crt`), '-extfile', this.path(`${who}.ext`)]);
    await writeFile(this.kubeconfig(who), JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'test', cluster: { server: apiServer, 'certificate-authority-data': await this.#data('ca.crt') } }],
      users: [{ name: who, user: { 'client-certificate-data': await this.#data(`${who}.crt`), 'client-key-data': await this.#data(`${who}.key`) } }],
      contexts: [{ name: who, context: { cluster: 'test', user: who } }],
      'current-context': who,
    }), { mode: 0o600 });
  }

  /** With all that is needed inside, so that it may be copied. */
  kubeconfig(who: string): string {
    return this.path(`${who}.kubeconfig`);
  }

  async #data(name: string): Promise<string> {
    return (await readFile(this.path(name))).toString('base64');
  }

  async #key(name: string): Promise<void> {
    await run('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', this.path(`${name}.key`)]);
  }
}
