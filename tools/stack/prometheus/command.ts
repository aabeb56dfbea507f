// What does `npm run stack -- prometheus` do?
import { CannotProvide } from '../program.ts';
import { programOf, providePrometheus } from './provide.ts';

export async function main(): Promise<void> {
  try {
    await providePrometheus((line) => process.stderr.write(`${line}\n`));
    process.stdout.write(`${programOf('prometheus')}\n${programOf('promtool')}\n`);
  } catch (error) {
    if (!(error instanceof CannotProvide)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
