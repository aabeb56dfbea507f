// With which certificate do a test broker and its clients know each other?
import { spawnSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KafkaUnavailable } from './provide.ts';

/** PEM files. */
export interface Certificates {
  /** Whom both sides trust: the one certificate there is, for `localhost`, signed by itself. */
  readonly caFile: string;
  readonly keyFile: string;
  /** Key and certificate in one file, as a broker reads them. */
  readonly bundleFile: string;
}

export async function makeCertificates(folder: string): Promise<Certificates> {
  const [caFile, keyFile, bundleFile] = [join(folder, 'ca.pem'), join(folder, 'key.pem'), join(folder, 'broker.pem')];
  const made = await readFile(bundleFile).then(() => true, () => false);
  if (!made) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const { status, stderr } = spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '3650', '-keyout', keyFile, '-out', caFile, ...subject], { encoding: 'utf8' });
    if (status !== 0) throw new KafkaUnavailable(`certificates could not be made: ${stderr ?? 'there is no openssl'}`, 'apt-get install openssl');
    await writeFile(bundleFile, (await readFile(keyFile, 'utf8')) + (await readFile(caFile, 'utf8')), { mode: 0o600 });
  }
  return { caFile, keyFile, bundleFile };
}
