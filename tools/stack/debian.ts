// How are packages of Debian's installed on a machine that nobody watches, or in the root of an image?
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { CannotProvide, again, run, type Tell } from './program.ts';

/** `missing` says what somebody else would have to do. */
export async function installPackages(packages: readonly string[], missing: string, tell: Tell): Promise<void> {
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) throw new CannotProvide(missing);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await again(tell, () => run('apt-get', ['-qq', 'update'], { env }));
  await again(tell, () => run('apt-get', ['-qq', '--yes', '--no-install-recommends', 'install', ...packages], { env, tell, what: `installing ${packages.join(' ')}` }));
}

/** A small Debian 12 with those packages, from where this machine has its own, as a tar of a root. */
export async function makeDebian(file: string, scratch: string, packages: readonly string[], tell: Tell): Promise<void> {
  const sources = await run('apt-get', ['indextargets', '--format', '$(CODENAME) $(REPO_URI)', 'Created-By: Packages']);
  const mirror = sources.split('\n').find((line) => line.startsWith('bookworm '))?.split(' ')[1];
  if (!mirror) throw new CannotProvide('images are made from Debian 12 (bookworm), which this machine\'s apt does not know');
  const root = join(scratch, 'root');
  await run('debootstrap', ['--variant=minbase', `--include=${packages.join(',')}`, 'bookworm', root, mirror], { tell, what: 'making a Debian for images' });
  await run('sh', ['-c', 'rm -rf "$0"/var/cache/apt/archives/*.deb "$0"/var/lib/apt/lists/*', root]);
  await run('tar', ['-C', root, '-cf', file, '.']);
}
