// How does TensorFlow get into a folder of its own? As pip's packages for the CPU, in a virtual environment.
import { join } from 'node:path';
import { CannotProvide, again, run, type Tell } from '../program.ts';
import { tensorflowPackages } from './tensorflow-packages.ts';

/** TensorFlow 2.15 is made for these. */
const pythons = ['python3.11', 'python3.10', 'python3.9', 'python3', '/usr/bin/python3'];
const fits = 'import ensurepip, sys, venv; sys.exit(0 if (3, 9) <= sys.version_info[:2] <= (3, 11) else 1)';

export async function makeTensorflow(into: string, tell: Tell): Promise<void> {
  const python = await fittingPython();
  tell(`installing TensorFlow 2.15.1 with ${python} (500 MB are downloaded, 1.3 GB on disk) ...`);
  await run(python, ['-m', 'venv', into]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--no-deps', '--only-binary=:all:', '--no-compile', '--disable-pip-version-check', '--retries=5', '--timeout=60'];
  const own = join(into, 'bin', 'python3');
  await again(tell, () => run(own, [...pip, ...tensorflowPackages], { tell, what: 'installing TensorFlow' }));
  // Compiles what it imports, so that the first training does not pay for it.
  await run(own, ['-c', 'import tensorflow as tf; tf.estimator.DNNClassifier; tf.keras.Sequential()'], { env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' }, tell, what: 'trying TensorFlow' });
}

async function fittingPython(): Promise<string> {
  for (const python of pythons) {
    const found = await run(python, ['-c', fits]).then(() => true, () => false);
    if (found) return python;
  }
  throw new CannotProvide('TensorFlow 2.15 needs Python 3.9 to 3.11 with venv: apt-get install python3.11-venv, or pyenv install 3.11');
}
