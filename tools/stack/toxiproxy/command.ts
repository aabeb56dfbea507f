// What does `npm run stack -- toxiproxy` do?
import { provide } from '../go-program.ts';
import { CannotProvide } from '../program.ts';
import { toxiproxy } from './toxiproxy.ts';

/** Provides it for the tests; they start it. */
export async function main(args: readonly string[]): Promise<void> {
  if (args.length > 0) {
    process.stderr.write(`it takes no argument: npm run stack -- toxiproxy\n`);
    process.exit(args.includes('--help') ? 0 : 2);
  }
  try {
    await provide(toxiproxy, (line) => void process.stderr.write(`${line}\n`));
    process.exit(0);
  } catch (error) {
    if (!(error instanceof CannotProvide)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
