// Where does the Python of the example subscriber come from? A virtual environment with what its requirements.txt names, once for each version of that.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { componentFolder, provideOnce } from '../cache.ts';
import { again, run, type Tell } from '../program.ts';

/** npm and the tests work in the root of the clone, wherever this file itself is run from. */
const requirements = join(process.cwd(), 'examples/subscribers/python/requirements.txt');

function folder(): string {
  return componentFolder('kafka-python', createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 8));
}

/** A `python3` that knows the client. */
export const kafkaPython = (): string => join(folder(), 'bin', 'python3');

/** What keeps a test from using it here; undefined: nothing. */
export function missingKafkaPython(): string | undefined {
  return existsSync(folder()) ? undefined : 'the Python client for Kafka is not here: npm run stack -- kafka-python';
}

/** Quick when it is there. */
export async function provideKafkaPython(tell: Tell): Promise<void> {
  await provideOnce(folder(), async (into) => {
    tell('installing the Python client for Kafka (1 MB) ...');
    await run('python3', ['-m', 'venv', into]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check', '--retries=5', '--timeout=60', '-r', requirements];
    await again(tell, () => run(join(into, 'bin/python3'), pip, { tell, what: 'installing the Python client' }));
    await run(join(into, 'bin/python3'), ['-c', 'import kafka']);
    tell('the Python client for Kafka is there');
  });
}
