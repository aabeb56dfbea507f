// What does the published table of damage say? `npm run damage-table` writes docs/checkpoint-damage.md.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { kinds } from './damage.ts';
import { formats, goldenFiles, sharesOf, type Share } from './measure.ts';

const [times, seed] = [Number(process.env.DAMAGES ?? 1000), Number(process.env.DAMAGE_SEED ?? 1)];
const root = resolve('.');

/** By the title of the format: what gets through, and why. */
const reasons: Readonly<Record<string, string>> = {
  'TensorFlow (index and shards)': 'every tensor and every block of the index has a CRC-32C, which is compared. What is left is the empty part of the index\'s footer, which nobody reads.',
  'Keras HDF5, model': 'HDF5 as Keras writes it has no checksums. ' +
    'The superblock, the headers of objects and the groups are followed, and where data ends is compared with the file; a changed weight, name or attribute is a weight, a name, an attribute.',
  'Keras HDF5, weights': 'as above; a larger share of the file is structure here.',
  'Keras `.keras`': 'everything in the archive has a CRC-32, which is compared. What is left are dates, rights and versions of the archive\'s own records.',
  'PyTorch zip': 'as for `.keras`: tensors and pickle have a CRC-32. ' +
    'What is left is the padding before each tensor, and dates, rights and versions of the archive\'s records. In this small file these are a large part, in a real one almost nothing.',
  'PyTorch before 1.6': 'no checksums: its pickles are read, the number of elements before each storage and the length of the file have to fit. A changed weight or name is a weight or a name.',
  TorchScript: 'as for PyTorch zip.',
  safetensors: 'no checksums: the header must be JSON, and places and shapes of its tensors have to fill the file exactly. A changed weight, name or metadata gets through.',
  'Hugging Face trainer': 'files of PyTorch in it are compared with their CRC-32. `config.json` and `trainer_state.json` have none: they must be JSON, and a changed digit in them is a digit.',
  'PyTorch distributed': 'the tensors in its parts are zip archives with a CRC-32, which is compared. `.metadata` is a pickle without one: it is read, and has to fit the parts.',
};

function row(title: string, shares: readonly Share[]): string {
  const cell = (kind: string): string => {
    const share = shares.find((one) => one.kind === kind);
    return share ? `${((100 * share.caught) / share.tried).toFixed(1)} %` : '';
  };
  return `| ${title} | ${kinds.map(cell).join(' | ')} |`;
}

const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
const rows: string[] = [];
for (const format of formats) {
  const files = await goldenFiles(join(root, 'apps/storage-manager/src/checkpoints/golden/files'), format);
  const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  const shares = await sharesOf(format, files, { times, seed });
  rows.push(row(`${format.title}, ${bytes.toLocaleString('en')} B`, shares));
  process.stdout.write(`${rows.at(-1)}\n`);
}
const text = `# Which damage to checkpoints is found

A checkpoint that is damaged is never offered to a program, and steps aside where a program could meet it ([how](user-guide.md)). This is how much of the damage is found out: checkpoints
that the frameworks themselves have written (\`apps/storage-manager/src/checkpoints/golden\`) are damaged ${times} times in each way, at random places (larger files of a checkpoint are hit more often), and
looked at as the platform looks at them. A share is that of damaged ones which are *not* taken for complete.

- **cut off**: one file ends early, anywhere.
- **zeroed**: 16, 512, 4,096 or 65,536 bytes of a file are zeros, from anywhere on, at most to its end; only where that changes something.
- **one bit**: one bit of one file is the other one.
- **file missing**: one file of several is gone.

| format | ${kinds.join(' | ')} |
|---|${kinds.map(() => '--:|').join('')}
${rows.join('\n')}

## What gets through

${formats.map(({ title }) => `- **${title}**: ${reasons[title]}`).join('\n')}

Contents are compared with their checksums for the newest checkpoints, 256 MB of them in all; of older and larger ones only the structure is looked at, which finds what was cut off and what is
missing. \`polyaxon experiment checkpoints -o wide\` tells which were compared. A place that gets through is one at which the frameworks, too, read the file without a word, or at which they don't read at all: nothing
here proves that a weight is the one that was trained, unless its format has a checksum. Whoever can choose writes \`.keras\`, PyTorch's zip, or TensorFlow's own format.

Measured at ${commit}, seed ${seed}, by \`${times === 1000 && seed === 1 ? '' : `DAMAGES=${times} DAMAGE_SEED=${seed} `}npm run damage-table\`.
\`tools/damage/damage.int.spec.ts\` holds a small part of it in each test run.
`;
writeFileSync(join(root, 'docs/checkpoint-damage.md'), text);
