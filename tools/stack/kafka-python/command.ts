// What does `npm run stack -- kafka-python` do?
import { CannotProvide } from '../program.ts';
import { kafkaPython, provideKafkaPython } from './provide.ts';

const usage = `npm run stack -- kafka-python
  provides a Python with the client of examples/subscribers/python, for its tests, and prints where it is`;

export async function main(args: readonly string[]): Promise<void> {
  if (args.length > 0) {
    (args.includes('--help') ? process.stdout : process.stderr).write(`${usage}\n`);
    process.exit(args.includes('--help') ? 0 : 2);
  }
  try {
    await provideKafkaPython((line) => process.stderr.write(`${line}\n`));
    process.stdout.write(`${kafkaPython()}\n`);
  } catch (error) {
    if (!(error instanceof CannotProvide)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
