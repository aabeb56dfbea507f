// Which training frameworks can be provided here, and with which Python is each of them used?
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { componentFolder } from '../cache.ts';
import { tensorflowPackages } from './tensorflow-packages.ts';

/** TensorFlow is the last one with Estimators, which brings Keras 2; PyTorch is Debian's, because it is for the CPU alone. */
export type FrameworkName = 'tensorflow' | 'pytorch';
export const frameworkNames: readonly FrameworkName[] = ['tensorflow', 'pytorch'];

const versions: Readonly<Record<FrameworkName, string>> = {
  tensorflow: `2.15.1-${createHash('sha256').update(tensorflowPackages.join()).digest('hex').slice(0, 8)}`,
  pytorch: 'debian-1',
};

/** There only when it is whole. */
export const frameworkFolder = (name: FrameworkName): string => componentFolder(name, versions[name]);

/** Has a `python3` that knows the framework: put it first in a PATH. */
export const binFolder = (name: FrameworkName): string => join(frameworkFolder(name), 'bin');

/** What keeps a test from using it here; undefined: nothing. */
export function missingFramework(name: FrameworkName): string | undefined {
  return existsSync(frameworkFolder(name)) ? undefined : `${name} is not here: npm run stack -- frameworks`;
}
