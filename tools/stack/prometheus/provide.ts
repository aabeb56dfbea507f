// Which Prometheus are alerts and dashboards tried with, and how does it get onto this machine?
import { existsSync } from 'node:fs';
import { chmod, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { componentFolder, provideOnce } from '../cache.ts';
import { again, CannotProvide, run, type Tell } from '../program.ts';

const folder = componentFolder('prometheus', 'debian');
const programs = ['prometheus', 'promtool'] as const;

export const programOf = (name: (typeof programs)[number]): string => join(folder, name);

/** What keeps a test from using one; undefined: nothing. */
export function missingPrometheus(): string | undefined {
  return existsSync(folder) ? undefined : 'alerts and dashboards are tried with a real Prometheus: npm run stack -- prometheus';
}

/** Two programs out of Debian's package; it is not installed, so nothing is started and nothing is to be removed. */
export async function providePrometheus(tell: Tell): Promise<void> {
  await provideOnce(folder, async (into, scratch) => {
    tell('fetching Prometheus from Debian (19 MB), once ...');
    await chmod(scratch, 0o755);
    await download(scratch, tell);
    const [archive] = (await readdir(scratch)).filter((name) => name.endsWith('.deb'));
    if (archive === undefined) throw new CannotProvide('apt-get has downloaded nothing');
    await run('dpkg-deb', ['--extract', join(scratch, archive), join(scratch, 'unpacked')]);
    for (const name of programs) await rename(join(scratch, 'unpacked/usr/bin', name), join(into, name));
  });
}

/** With the lists of packages that are there; those may be old, or none. */
async function download(cwd: string, tell: Tell): Promise<void> {
  const fetch = () => run('apt-get', ['-qq', '-o', 'APT::Sandbox::User=root', 'download', 'prometheus'], { cwd });
  try {
    await fetch();
  } catch (error) {
    if (!(error instanceof CannotProvide) || process.getuid?.() !== 0) throw error;
    await again(tell, () => run('apt-get', ['-qq', 'update']));
    await again(tell, fetch);
  }
}
