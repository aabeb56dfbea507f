// What does a user see who types a command? The built program as a process, in a scratch home and a scratch folder.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

export interface Seen {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
export interface Typing {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Sees the process while it runs, with what it has written so far. */
  readonly meanwhile?: (child: ChildProcess, seen: () => Seen) => void;
}

/** The program as it was built: `npm run build` comes before these tests. */
export const program = resolve('dist/apps/cli/src/main.js');

export class CommandLine {
  readonly home = realpathSync(mkdtempSync(join(tmpdir(), 'polyaxon-cli-')));
  readonly folder = join(this.home, 'work');
  readonly environment: NodeJS.ProcessEnv;

  constructor(port: number) {
    mkdirSync(this.folder);
    this.environment = { PATH: process.env.PATH, HOME: this.home, POLYAXON_API_HOST: '127.0.0.1', POLYAXON_HTTP_PORT: String(port) };
    this.write('../.polyaxon/.polyaxonauth', JSON.stringify({ username: 'mona', token: 'sesame' }));
  }

  /** Splits at blanks; a test with blanks in its words gives an array. */
  type(words: string | readonly string[], { stdin = '', env = {}, meanwhile }: Typing = {}): Promise<Seen> {
    const list = typeof words === 'string' ? words.split(' ').filter((word) => word !== '') : words;
    const child = spawn(process.execPath, [program, ...list], { cwd: this.folder, env: { ...this.environment, ...env } });
    let [stdout, stderr] = ['', ''];
    const look = () => meanwhile?.(child, () => ({ code: null, stdout, stderr }));
    child.stdout.setEncoding('utf8').on('data', (text: string) => ((stdout += text), look()));
    child.stderr.setEncoding('utf8').on('data', (text: string) => ((stderr += text), look()));
    child.stdin.on('error', () => undefined).end(stdin);
    return new Promise((seen) => child.on('close', (code) => seen({ code, stdout, stderr })));
  }

  write(path: string, content: string | Buffer): void {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  /** As `polyaxon init mnist` does. */
  initialise(): this {
    this.write('.polyaxon/.polyaxonproject', JSON.stringify({ name: 'mnist', user: 'mona' }));
    return this;
  }

  remove(): void {
    rmSync(this.home, { recursive: true, force: true });
  }
}
