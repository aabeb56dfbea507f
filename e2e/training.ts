// What does a training look like that needs nothing but Python, and saves as the frameworks do?
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExperimentBody } from '#contracts';
import { until } from '#testing';
import type { Platform } from './platform.ts';

/** The shapes in which frameworks leave checkpoints, with the state of the training inside. */
const frameworks = `
import glob, json, os, re, zipfile

def write(path, content):
    with open(path + '.part', 'wb') as f:
        f.write(content)
    os.replace(path + '.part', path)

def numbered(pattern):
    found = [(int(re.findall(r'\\d+', os.path.basename(path))[0]), path) for path in glob.glob(pattern)]
    return max(found)[1] if found else None

class Json:
    def save(self, folder, state):
        write('{}/checkpoint.json'.format(folder), json.dumps(state).encode())
    def load(self, folder):
        path = '{}/checkpoint.json'.format(folder)
        return json.load(open(path)) if os.path.exists(path) else None

class Tensorflow:
    empty = bytes.fromhex('000000000100000000c0f2a1b0')
    table = empty * 2 + bytes([0, 8, 13, 8]) + b'\\0' * 36 + bytes.fromhex('57fb808b247547db')
    def save(self, model_dir, state):
        prefix = '{}/model.ckpt-{}'.format(model_dir, state['step'])
        write(prefix + '.data-00000-of-00001', json.dumps(state).encode())
        write(prefix + '.index', self.table)
        write('{}/checkpoint'.format(model_dir), 'model_checkpoint_path: "model.ckpt-{}"\\n'.format(state['step']).encode())
    def load(self, model_dir):
        if not os.path.exists('{}/checkpoint'.format(model_dir)):
            return None
        latest = re.findall('"(.*)"', open('{}/checkpoint'.format(model_dir)).read())[0]
        return json.load(open('{}/{}.data-00000-of-00001'.format(model_dir, latest)))

class Zip:
    def __init__(self, one, every, member):
        self.one, self.every, self.member = one, every, member
    def save(self, folder, state):
        path = '{}/{}'.format(folder, self.one.format(state['step']))
        with zipfile.ZipFile(path + '.part', 'w') as archive:
            archive.writestr(self.member, json.dumps(state))
        os.replace(path + '.part', path)
    def load(self, folder):
        path = numbered('{}/{}'.format(folder, self.every))
        return json.loads(zipfile.ZipFile(path).read(self.member)) if path else None

kinds = {
    'json': Json(),
    'tensorflow': Tensorflow(),
    'keras': Zip('weights-{}.keras', 'weights-*.keras', 'model.weights.json'),
    'pytorch-overriding': Zip('checkpoint1.pth', 'checkpoint1.pth', 'checkpoint1/data.pkl'),
    'pytorch-multiple': Zip('checkpoint{}.pth', 'checkpoint*.pth', 'archive/data.pkl'),
}
`;

const train = (revision: string) => `
import argparse, json, os, time
import frameworks
from polyaxon_client.tracking import get_outputs_path

parser = argparse.ArgumentParser()
parser.add_argument('--framework', default='json')
parser.add_argument('--lr', type=float)
parser.add_argument('--steps', type=int)
options = parser.parse_args()

assert get_outputs_path() == os.environ['POLYAXON_RUN_OUTPUTS_PATH'], get_outputs_path()
me = json.loads(os.environ['POLYAXON_EXPERIMENT_INFO'])['experiment_name'].split('.')[-1]
framework = frameworks.kinds[options.framework]
state = framework.load(get_outputs_path()) or {'step': 0, 'starts': []}
state['starts'].append({'experiment': int(me), 'step': state['step'], 'lr': options.lr, 'code': '${revision}'})
print('experiment %s, code ${revision}, lr %s, starts at step %d' % (me, options.lr, state['step']), flush=True)
open('{}/events.{}'.format(get_outputs_path(), me), 'w').close()
while state['step'] < options.steps:
    state['step'] += 1
    framework.save(get_outputs_path(), state)
    print('step %d' % state['step'], flush=True)
    time.sleep(0.02)
print('trained', flush=True)
`;

/** A user's folder; `revision` is what its code says of itself. */
export const trainingFiles = (revision: string): Record<string, string> => ({
  'frameworks.py': frameworks,
  'train.py': train(revision),
  'polyaxonfile.yml': `---
version: 1
kind: experiment
params:
  framework: json
  lr: 0.1
  steps: 100000
run:
  cmd: python3 train.py --framework={{ framework }} --lr={{ lr }} --steps={{ steps }}
`,
});

/** Of the training with `framework: json`. */
export interface Checkpoint {
  readonly step: number;
  readonly starts: readonly { readonly experiment: number; readonly step: number; readonly lr: number; readonly code: string }[];
}

export function checkpointOf(platform: Platform, { outputs_path: path }: ExperimentBody): Checkpoint | null {
  return JSON.parse(platform.output(`${path}/checkpoint.json`) ?? 'null') as Checkpoint | null;
}

/** The step it started at, as it says itself, once it has saved another `steps`. */
export async function trained(platform: Platform, id: number, steps = 3): Promise<number> {
  const experiment = await platform.status(id, 'running', 'succeeded');
  return until(`experiment ${id} has trained ${steps} steps`, () => {
    const log = existsSync(join(platform.home, 'logs', experiment.logs_path, 'run.log')) ? platform.log(experiment) : '';
    const [, from] = / starts at step (\d+)\n/.exec(log) ?? [];
    return from !== undefined && log.includes(`\nstep ${Number(from) + steps}\n`) ? { from: Number(from) } : null;
  }, 30_000).then(({ from }) => from);
}

/** Every file by its path, with its content; empty folders too. */
export function contentsOf(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const content = entry.isDirectory() ? 'a folder' : createHash('sha256').update(readFileSync(path)).digest('hex');
      return [path.slice(folder.length + 1), content] as const;
    }).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
