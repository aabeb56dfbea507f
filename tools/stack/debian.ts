// How are packages of Debian's installed on a machine that nobody watches?
import { spawnSync } from 'node:child_process';
import { CannotProvide, again, run, type Tell } from './program.ts';

/** `missing` says what somebody else would have to do. */
export async function installPackages(packages: readonly string[], missing: string, tell: Tell): Promise<void> {
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) throw new CannotProvide(missing);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await again(tell, () => run('apt-get', ['-qq', 'update'], { env }));
  await again(tell, () => run('apt-get', ['-qq', '--yes', '--no-install-recommends', 'install', ...packages], { env, tell, what: `installing ${packages.join(' ')}` }));
}
