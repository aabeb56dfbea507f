// How is a newer version put in the place of the one that is running?
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../platform.ts';

/** A copy of what is built here, which may become another version. */
export class Installation {
  readonly folder = mkdtempSync(join(tmpdir(), 'polyaxon-installation-'));

  constructor() {
    cpSync(join(root, 'dist'), join(this.folder, 'dist'), { recursive: true });
    for (const name of readdirSync(root)) if (name !== 'dist' && name !== '.git') symlinkSync(join(root, name), join(this.folder, name));
  }

  /** The next release has a second version of this event, and can read the first; this one can't read the second. */
  renew(type: string): void {
    this.#edit('topics.js', `${type}: 1,`, `${type}: 2,`);
    this.#edit('parse-event.js', 'const upcasters = {};', `const upcasters = { ${type}: { 1: (data) => data } };`);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #edit(file: string, from: string, to: string): void {
    const path = join(this.folder, 'dist/libs/contracts/src', file);
    const text = readFileSync(path, 'utf8');
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
    writeFileSync(path, text.replace(from, to));
  }
}
