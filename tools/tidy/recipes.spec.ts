// Is what docs/frameworks.md shows what the tested programs do?
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const examples = join(root, 'examples/frameworks');
const programs = readdirSync(examples).filter((file) => file.endsWith('.py')).map((file) => readFileSync(join(examples, file), 'utf8'));

/** A line of dots stands for what is left out. */
const shown = [...readFileSync(join(root, 'docs/frameworks.md'), 'utf8').matchAll(/```python\n([^]*?)```/g)].flatMap(([, block]) => (block ?? '').split(/^\.\.\.\n/m));

it('shows some', () => expect(shown.length).toBeGreaterThan(7));
it.each(shown)('%s', (piece) => expect(programs.filter((program) => program.includes(piece))).not.toHaveLength(0));
