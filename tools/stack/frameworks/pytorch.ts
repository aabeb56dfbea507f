// How does PyTorch for the CPU get into a folder of its own? From Debian's packages, unpacked there: nobody has to be root, and the system stays as it is.
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CannotProvide, again, run, type Tell } from '../program.ts';

const systemPython = '/usr/bin/python3';

/** The packages, less what the system has already, were made for the system's own Python. */
const python3 = `#!/bin/sh
# Which Python knows PyTorch? The system's, shown the packages beside this file.
here=$(dirname "$(readlink -f "$0")")/../system
multiarch=$(${systemPython} -c 'import sysconfig; print(sysconfig.get_config_var("MULTIARCH"))')
lib=$here/usr/lib/$multiarch
export LD_LIBRARY_PATH="$lib:$here/lib/$multiarch:$here/usr/lib:$lib/blas:$lib/lapack\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export PYTHONPATH="\${PYTHONPATH:+$PYTHONPATH:}$here/usr/lib/python3/dist-packages"
exec ${systemPython} "$@"
`;

export async function makePytorch(into: string, scratch: string, tell: Tell): Promise<void> {
  const has = (program: string, ...args: string[]): Promise<boolean> => run(program, args).then(() => true, () => false);
  if (!(await has('apt-get', '--version')) || !(await has(systemPython, '--version'))) {
    throw new CannotProvide('PyTorch is taken from the packages of Debian or Ubuntu: this machine lacks apt-get or /usr/bin/python3 (apt-get install python3)');
  }
  tell('installing PyTorch from Debian\'s packages (150 MB are downloaded, 700 MB on disk) ...');
  const packages = await download(scratch, tell);
  const system = join(into, 'system');
  await mkdir(system);
  for (const file of packages) await run('dpkg-deb', ['--extract', file, system]);
  await mkdir(join(into, 'bin'));
  const own = join(into, 'bin', 'python3');
  await writeFile(own, python3);
  await chmod(own, 0o755);
  await run(own, ['-c', 'import torch; torch.nn.Linear(4, 3)'], { tell, what: 'trying PyTorch' });
}

/** With lists and a cache of apt's own making in the scratch folder. */
async function download(scratch: string, tell: Tell): Promise<string[]> {
  const [lists, archives] = [join(scratch, 'lists'), join(scratch, 'archives')];
  for (const folder of [lists, archives]) await mkdir(join(folder, 'partial'), { recursive: true });
  const options = {
    'Dir::State::lists': lists, 'Dir::Cache': scratch, 'Dir::Cache::archives': archives, 'Debug::NoLocking': 'true', 'APT::Sandbox::User': '', 'Acquire::Retries': '3', 'Acquire::Languages': 'none',
  };
  const apt = (what: string, ...args: string[]): Promise<string> =>
    run('apt-get', ['-qq', ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]), ...args], { env: { ...process.env, LC_ALL: 'C' }, tell, what });
  await again(tell, () => apt('looking up PyTorch', 'update'));
  await again(tell, () => apt('downloading PyTorch', '--yes', '--download-only', '--no-install-recommends', 'install', 'python3-torch'));
  const names = await readdir(archives);
  return names.filter((name) => name.endsWith('.deb')).map((name) => join(archives, name));
}
