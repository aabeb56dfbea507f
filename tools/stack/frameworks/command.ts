// What does `npm run stack -- frameworks` do?
import { binFolder, frameworkNames, type FrameworkName } from './frameworks.ts';
import { CannotProvide } from '../program.ts';
import { provideFramework } from './provide.ts';

const usage = `npm run stack -- frameworks [${frameworkNames.join('|')}]
  provides real training frameworks for tests and trials, and prints for each the folder with a python3 that knows it`;

export async function main(args: string[]): Promise<void> {
  const isName = (name: string): name is FrameworkName => frameworkNames.some((known) => known === name);
  if (args.includes('--help') || !args.every(isName)) {
    (args.includes('--help') ? process.stdout : process.stderr).write(`${usage}\n`);
    process.exit(args.includes('--help') ? 0 : 2);
  }
  try {
    for (const name of args.length > 0 ? args.filter(isName) : frameworkNames) {
      await provideFramework(name, (line) => process.stderr.write(`${line}\n`));
      process.stdout.write(`${name} ${binFolder(name)}\n`);
    }
  } catch (error) {
    if (!(error instanceof CannotProvide)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
