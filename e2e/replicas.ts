// Which programs only succeed when several pods have really met, and how do pods get the real frameworks without an image of gigabytes?
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { binFolder, frameworkFolder, type FrameworkName } from '../tools/stack/frameworks/frameworks.ts';

/** Each connects to every address of TF_CONFIG, and all compare what they have been told; those that train add up their ranks at MASTER_ADDR. Parameter servers never end. */
export const meeting = `
import json, os, socket, threading, time
config = json.loads(os.environ['TF_CONFIG'])
task, cluster = config['task'], config['cluster']
everyone = sorted(one for role in cluster.values() for one in role)
own = cluster[task['type']][task['index']]
view = json.dumps(cluster, sort_keys=True)
give_up_at = time.monotonic() + 90
def reach(address, port):
    while True:
        try:
            return socket.create_connection((address, int(port)), 5)
        except OSError as error:
            if time.monotonic() > give_up_at:
                raise SystemExit('nobody answers at %s:%s: %s' % (address, port, error))
            time.sleep(0.1)
def ask(address, port):
    while True:
        try:
            with reach(address, port) as peer:
                said = peer.makefile().readline().strip()
                peer.sendall(own.encode() + b'\\n')
                return said
        except OSError as error:
            if time.monotonic() > give_up_at:
                raise SystemExit('nobody says anything at %s:%s: %s' % (address, port, error))
heard, all_have_heard = set(), threading.Event()
def answer(server):
    while True:
        peer, _ = server.accept()
        try:
            peer.settimeout(5)
            peer.sendall(view.encode() + b'\\n')
            heard.add(peer.makefile().readline().strip())
        except OSError:
            pass
        peer.close()
        if heard >= set(everyone) - {own}:
            all_have_heard.set()
threading.Thread(target=answer, args=(socket.create_server(('', int(own.split(':')[1]))),), daemon=True).start()
told = [ask(*one.split(':')) for one in everyone if one != own]
print('agreed with', sum(one == view for one in told), 'of', len(everyone) - 1, flush=True)
if task['type'] == 'ps':
    time.sleep(1000)
rank, size = int(os.environ['RANK']), int(os.environ['WORLD_SIZE'])
address, port = os.environ['MASTER_ADDR'], os.environ['MASTER_PORT']
if rank == 0:
    server = socket.create_server(('', int(port)))
    server.settimeout(90)
    peers = [server.accept()[0] for _ in range(size - 1)]
    total = 1 + sum(int(peer.makefile().readline()) for peer in peers)
    for peer in peers:
        peer.sendall(b'%d\\n' % total)
    for peer in peers:
        peer.makefile().readline()
else:
    peer = reach(address, port)
    peer.settimeout(90)
    peer.sendall(b'%d\\n' % (rank + 1))
    total = int(peer.makefile().readline())
    peer.sendall(b'seen\\n')
if not all_have_heard.wait(90):
    raise SystemExit('only these have asked: %s' % heard)
print('the sum is', total, flush=True)
`;

/** Sums and gradients over several processes, by the backend of each framework; rank 0 saves. */
export const reducing: Readonly<Record<FrameworkName, string>> = {
  pytorch: `
import os, torch, torch.distributed as dist
torch.set_num_threads(1)
dist.init_process_group('gloo', init_method='env://')
rank = dist.get_rank()
total = torch.tensor([rank + 1.0])
dist.all_reduce(total)
model = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(1, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(5):
    optimizer.zero_grad()
    model(torch.tensor([[rank + 1.0]])).pow(2).mean().backward()
    optimizer.step()
weights = [torch.zeros(1, 1) for _ in range(dist.get_world_size())]
dist.all_gather(weights, model.module.weight.data)
print('the sum is', int(total.item()), 'of', dist.get_world_size(), 'whose weights are', 'one' if all(torch.equal(one, weights[0]) for one in weights) else 'many', flush=True)
if rank == 0:
    torch.save(model.module.state_dict(), os.path.join(os.environ['POLYAXON_RUN_OUTPUTS_PATH'], 'checkpoint.pth'))
dist.barrier()
`,
  tensorflow: `
import json, os
import tensorflow as tf
strategy = tf.distribute.MultiWorkerMirroredStrategy()
with strategy.scope():
    weight = tf.Variable(1.0)
def one():
    context = tf.distribute.get_replica_context()
    own = tf.cast(context.replica_id_in_sync_group, tf.float32) + 1.0
    total = context.all_reduce('SUM', own)
    weight.assign_sub(context.all_reduce('MEAN', own) * 0.1)
    return total
total = tf.function(lambda: strategy.run(one))()
print('the sum is', int(float(total)), 'of', strategy.num_replicas_in_sync, 'whose weights are', 'one' if abs(float(weight.numpy()) - 0.85) < 1e-6 else 'many', flush=True)
if json.loads(os.environ['TF_CONFIG'])['task']['type'] == 'chief':
    tf.train.Checkpoint(weight=weight).write(os.path.join(os.environ['POLYAXON_RUN_OUTPUTS_PATH'], 'model.ckpt-5'))
`,
};

/** A framework of this machine in a pod: with the Python and the libraries that it was made for, by their own loader, as data that an administrator has named. */
export function commandOf(name: FrameworkName): string {
  const at = (data: string): string => `/polyaxon/data/${data}`;
  const [machine, python] = [at('machine'), at(`${name}-python`)];
  const multiarch = 'x86_64-linux-gnu';
  const lib = `${at(name)}/system/usr/lib`;
  const ofDebian = [`${lib}/${multiarch}`, `${at(name)}/system/lib/${multiarch}`, lib, `${lib}/${multiarch}/blas`, `${lib}/${multiarch}/lapack`];
  const packages = name === 'pytorch' ? `${lib}/python3/dist-packages` : `${at(name)}/lib/${pythonOf(name)}/site-packages`;
  const libraries = [...(name === 'pytorch' ? ofDebian : [`${python}/lib`]), `${machine}/lib/${multiarch}`].join(':');
  return `TF_CPP_MIN_LOG_LEVEL=3 PYTHONHOME=${python} PYTHONPATH=${packages} ${machine}/lib64/ld-linux-x86-64.so.2 --library-path ${libraries} ${python}/bin/${pythonOf(name)} -c "$REDUCING"`;
}

/** Folders of this machine, by the name of what they are to pods. */
export function dataOf(name: FrameworkName): Readonly<Record<string, string>> {
  return { machine: '/usr', [name]: frameworkFolder(name), [`${name}-python`]: dirname(dirname(pythonFile(name))) };
}

function pythonFile(name: FrameworkName): string {
  return realpathSync(name === 'pytorch' ? '/usr/bin/python3' : join(binFolder(name), 'python3'));
}

function pythonOf(name: FrameworkName): string {
  return pythonFile(name).split('/').at(-1) ?? 'python3';
}
