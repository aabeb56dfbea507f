// Where is a file of this clone that isn't compiled: above the compiled files and above their sources alike?
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export function inClone(wanted: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package-lock.json')) || !existsSync(join(folder, wanted))) {
    if (folder === dirname(folder)) throw new Error(`${wanted} is missing: the clone is incomplete`);
    folder = dirname(folder);
  }
  return join(folder, wanted);
}
