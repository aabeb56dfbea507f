// How does the image that deploy/Dockerfile makes get to the nodes of a cluster where nothing can be pulled?
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEngine } from '../../tools/stack/docker/engine.ts';
import { standInsFile } from '../../tools/stack/docker/provide.ts';
import { run, type Tell } from '../../tools/stack/program.ts';
import { root } from '../platform.ts';

/** For builds alone; Docker knows these. */
const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'].filter((one) => process.env[one]);

/** Below `folder`, as `ctr image import` takes it: one image of each name, alike but for what they were told of themselves. */
export async function platformImages(folder: string, names: readonly string[], tell: Tell): Promise<string> {
  const engine = await startEngine(tell);
  try {
    await engine.docker('load', '--quiet', '--input', standInsFile());
    const registry = (await run('npm', ['config', 'get', 'registry'])).trim();
    const given = [`NPM_CONFIG_REGISTRY=${registry}`, ...proxies].flatMap((one) => ['--build-arg', one]);
    const [first, ...others] = names;
    await run('docker', ['build', '--network', 'host', '--file', join(root, 'deploy/Dockerfile'), '--tag', first!, ...given, root], { env: engine.environment, tell, what: 'making the image of the platform' });
    writeFileSync(join(folder, 'Dockerfile'), `FROM ${first}\nLABEL polyaxon.io/next=yes\n`);
    for (const name of others) await run('docker', ['build', '--file', join(folder, 'Dockerfile'), '--tag', name, folder], { env: engine.environment, tell, what: `making ${name}` });
    const archive = join(folder, 'platform.tar');
    await engine.docker('save', '--output', archive, ...names);
    return archive;
  } finally {
    await engine.stop();
  }
}
