// Which real components can be provided and started here as plain processes? `npm run stack -- s3`
import { prepare } from '../prepare.mjs';

/** Each part has a `main(args)`, and says what it takes in a line. */
const parts = {
  s3: { takes: '[--minio | --mc] [--run --data FOLDER [--port N]]', load: () => import('../../dist/tools/stack/s3/command.js') },
  toxiproxy: { takes: '', load: () => import('../../dist/tools/stack/toxiproxy/command.js') },
  kafka: { takes: '[--version 4.2.0|3.9.1] [--tools] [--run --data FOLDER [--port N]]', load: () => import('../../dist/tools/stack/kafka/command.js') },
  'kafka-python': { takes: '', load: () => import('../../dist/tools/stack/kafka-python/command.js') },
  kube: { takes: '[--level api|sched|node] [--run]', load: () => import('../../dist/tools/stack/kube/command.js') },
  docker: { takes: '', load: () => import('../../dist/tools/stack/docker/command.js') },
  prometheus: { takes: '', load: () => import('../../dist/tools/stack/prometheus/command.js') },
  chromium: { takes: '', load: () => import('../../dist/tools/stack/chromium/command.js') },
  frameworks: { takes: '[tensorflow|pytorch]', load: () => import('../../dist/tools/stack/frameworks/command.js') },
};

const [name, ...args] = process.argv.slice(2);
const part = Object.hasOwn(parts, name ?? '') ? parts[name] : undefined;
if (!part) {
  const usage = Object.entries(parts).map(([one, { takes }]) => `  npm run stack -- ${one} ${takes}`);
  process.stderr.write(`${name ? `there is no component ${name}` : 'which component?'}\n${usage.join('\n')}\n`);
  process.exit(2);
}
await prepare();
await (await part.load()).main(args);
