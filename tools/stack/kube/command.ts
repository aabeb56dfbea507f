// What does `npm run stack -- kube` do?
import { parseArgs } from 'node:util';
import { CannotProvide } from '../program.ts';
import { Cluster } from './cluster.ts';
import { programOf, provideKube, type Level } from './provide.ts';

const usage = `npm run stack -- kube [--level api|sched|node] [--run]
  builds a real Kubernetes, once; needs Go, and for the level node (the default) root and Debian's packages
  api: etcd and the API server; sched: controllers, scheduler and nodes that are played (kwok); node: a kubelet with containerd, and real containers
  --run starts one and says where its kubeconfig is, until Ctrl-C`;

const levels: readonly string[] = ['api', 'sched', 'node'];
const tell = (line: string): void => void process.stderr.write(`${line}\n`);

export async function main(args: readonly string[]): Promise<void> {
  const { level, isRun } = readArguments(args);
  try {
    await provideKube(level, tell);
    if (isRun) await runUntilAsked(level);
    else process.stdout.write(`${programOf('kubectl')}\n${programOf('helm')}\n`);
    process.exit(0);
  } catch (error) {
    if (!(error instanceof CannotProvide)) throw error;
    tell(error.message);
    process.exit(1);
  }
}

async function runUntilAsked(level: Level): Promise<void> {
  const asked = new Promise<void>((done) => ['SIGINT', 'SIGTERM'].forEach((signal) => process.once(signal, () => done())));
  const cluster = await Cluster.start(level, { tell });
  process.stdout.write(`${cluster.kubeconfig}\n`);
  tell(`${programOf('kubectl')} --kubeconfig ${cluster.kubeconfig} get nodes`);
  await asked;
  await cluster.stop();
}

function readArguments(args: readonly string[]): { level: Level; isRun: boolean } {
  try {
    const { values } = parseArgs({ args: [...args], options: { level: { type: 'string', default: 'node' }, run: { type: 'boolean', default: false }, help: { type: 'boolean' } } });
    if (values.help) {
      process.stdout.write(`${usage}\n`);
      process.exit(0);
    }
    if (!levels.includes(values.level)) throw new Error(`there is no level ${values.level}`);
    return { level: values.level as Level, isRun: values.run };
  } catch (error) {
    tell(`${(error as Error).message}\n${usage}`);
    process.exit(2);
  }
}

