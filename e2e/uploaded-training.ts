// Which training do people upload whose platform is in containers, and says of each step that it is saved?

/** Saves each step and says it; a resumed one says where it goes on. */
export const training = `
import json, os, sys, time
from polyaxon_client.tracking import get_outputs_path
path = os.path.join(get_outputs_path(), 'state.json')
step = json.load(open(path))['step'] if os.path.exists(path) else 0
print('from step', step)
while step < int(sys.argv[1]):
    step += 1
    with open(path + '.part', 'w') as f:
        json.dump({'step': step}, f)
    os.replace(path + '.part', path)
    print('step', step)
    time.sleep(0.05)
`;
export const endless = 1_000_000;
export const polyaxonfile = (steps: number, more = ''): string => `version: 1\nkind: experiment\nparams: {steps: ${steps}}\n${more}run:\n  cmd: python3 train.py {{ steps }}\n`;
