// What does `npm run stack -- docker` do?
import { CannotProvide } from '../program.ts';
import { provideDocker } from './provide.ts';

const usage = `npm run stack -- docker
  makes what the test of docker-compose.yml needs: images of Node, Postgres, Kafka and versitygw under their official names, kept in a file; needs root, Go and Debian's packages`;

export async function main(args: readonly string[]): Promise<void> {
  if (args.length > 0) {
    (args.includes('--help') ? process.stdout : process.stderr).write(`${usage}\n`);
    process.exit(args.includes('--help') ? 0 : 2);
  }
  try {
    await provideDocker((line) => process.stderr.write(`${line}\n`));
    process.exit(0);
  } catch (error) {
    if (!(error instanceof CannotProvide)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
