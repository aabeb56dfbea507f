// What does `npm run stack -- chromium` do?
import { CannotProvide } from '../program.ts';
import { chromiumPath, provideChromium } from './provide.ts';

export async function main(): Promise<void> {
  try {
    await provideChromium((line) => process.stderr.write(`${line}\n`));
    process.stdout.write(`${chromiumPath()}\n`);
  } catch (error) {
    if (!(error instanceof CannotProvide)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
