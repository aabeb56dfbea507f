// How are the outputs of an attempt carried between this machine and the store, whoever dies meanwhile?
import { spawn } from 'node:child_process';
import { open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { carrierMarkerVariable, CarryNotes, carryOrderVariable, type CarryDone, type CarryOrder, type CarryStatus, type S3Settings } from '#storage';
import { LaunchFailed } from '../executor.ts';
import { codeOf, type AttemptFolder } from './attempt-folder.ts';
import { isMarked } from './processes.ts';

export interface CarriageOptions {
  /** Undefined: it is a folder. */
  readonly storeOf: (name?: string) => S3Settings | undefined;
  /** Compiled. */
  readonly carrierProgram: string;
  readonly lagSeconds: number;
  /** The last carry may take so long; then the run has failed, and its outputs stay where they are. */
  readonly lastSeconds: number;
  readonly now: () => Date;
}

/** What is written down of an order: stores by their names, since their secrets are not. */
export interface Written extends Omit<CarryOrder, 'store' | 'references' | 'notes' | 'lagSeconds'> {
  readonly outputsStore?: string;
  readonly references: readonly { readonly path: string; readonly folder: string; readonly outputsStore?: string }[];
}

const startedAgainMs = 1000;
const memoryMegabytes = 256;

/**
 * A process of its own, in a session of its own, carries for each attempt: it is there before the program, and until all that the program has left is in the store. It outlives the scheduler, is
 * found again by its mark, and is started again when it dies. Attempts that were launched without one have none.
 */
export class Carriage {
  readonly #startedAt = new Map<string, number>();

  constructor(private readonly options: CarriageOptions) {}

  static notesOf(folder: AttemptFolder): CarryNotes {
    return new CarryNotes(join(folder.path, 'carry'));
  }

  /** False: not all of its outputs are here yet; asked again. */
  async begin(folder: AttemptFolder, order: Written): Promise<boolean> {
    const notes = Carriage.notesOf(folder);
    const failure = await notes.failed();
    if (failure !== undefined) throw new LaunchFailed('start', `its outputs could not be brought here: ${failure}`);
    if (await notes.brought()) return true;
    await notes.begin();
    await writeFile(join(notes.folder, 'order'), JSON.stringify(order));
    await this.#keepAlive(folder, notes);
    return false;
  }

  /** While its program runs. */
  async attend(folder: AttemptFolder): Promise<CarryStatus | undefined> {
    const notes = Carriage.notesOf(folder);
    if (!notes.isThere) return undefined;
    await this.#keepAlive(folder, notes);
    return notes.status();
  }

  /** Its program is gone, and nothing of it can write any more. Undefined: not all of it is in the store yet; null: nothing is to be carried. */
  async finish(folder: AttemptFolder, exitCode: number | undefined): Promise<CarryDone | null | undefined> {
    const notes = Carriage.notesOf(folder);
    if (!notes.isThere) return null;
    const done = await notes.done();
    if (done) return done;
    const nowMs = this.options.now().getTime();
    const ended = await notes.ended();
    if (!ended) {
      const diedAtMs = exitCode === undefined ? null : (await stat(join(folder.path, 'exit'))).mtimeMs;
      await notes.say('ended', { isClean: exitCode !== undefined && exitCode < 128, diedAtMs, saidAtMs: nowMs });
    } else if (nowMs - ended.saidAtMs > 1000 * this.options.lastSeconds) return this.#giveUp(folder, notes);
    await this.#keepAlive(folder, notes);
    return undefined;
  }

  /** Its program will never be there. */
  async abandon(folder: AttemptFolder): Promise<void> {
    const notes = Carriage.notesOf(folder);
    if (notes.isThere && !(await notes.ended())) await notes.say('ended', { isClean: true, diedAtMs: null, saidAtMs: this.options.now().getTime() });
  }

  /** The process goes first: what it still sent would come after the end was told. */
  async #giveUp(folder: AttemptFolder, notes: CarryNotes): Promise<CarryDone | undefined> {
    const pid = await this.#carrierOf(folder, notes);
    if (pid !== undefined) {
      kill(pid);
      return undefined;
    }
    const [problem] = (await notes.status())?.warnings.slice(-1) ?? [];
    const { folder: kept } = await writtenOf(notes);
    const within = `its outputs could not be carried to the store within ${this.options.lastSeconds} s${problem === undefined ? '' : ` (${problem})`}`;
    const message = `${within}; they are in ${kept}, and a resume on this machine goes on from them`;
    const done: CarryDone = { isOk: false, message, warnings: [] };
    await notes.say('done', done);
    return done;
  }

  async #keepAlive(folder: AttemptFolder, notes: CarryNotes): Promise<void> {
    if ((await this.#carrierOf(folder, notes)) !== undefined || (await notes.done()) || (await notes.failed()) !== undefined) return;
    const { now } = this.options;
    const last = this.#startedAt.get(folder.path);
    if (last !== undefined && now().getTime() - last < startedAgainMs) return;
    this.#startedAt.set(folder.path, now().getTime());
    await this.#start(folder, notes);
  }

  async #start(folder: AttemptFolder, notes: CarryNotes): Promise<void> {
    const { carrierProgram, lagSeconds } = this.options;
    const order = this.#orderOf(await writtenOf(notes), lagSeconds, notes);
    const log = await open(join(notes.folder, 'log'), 'a', 0o600);
    try {
      const child = spawn(process.execPath, [`--max-old-space-size=${memoryMegabytes}`, carrierProgram], {
        cwd: notes.folder,
        env: { ...passedOn(), [carrierMarkerVariable]: folder.path, [carryOrderVariable]: JSON.stringify(order) },
        detached: true,
        stdio: ['ignore', 'ignore', log.fd],
      });
      child.unref();
      await new Promise<void>((done, failed) => child.once('spawn', () => done()).once('error', failed));
      await writeFile(join(notes.folder, 'pid'), String(child.pid));
    } finally {
      await log.close();
    }
  }

  #orderOf({ outputsStore, references, ...written }: Written, lagSeconds: number, notes: CarryNotes): CarryOrder {
    const storeOf = (name: string | undefined): S3Settings => {
      const store = this.options.storeOf(name);
      if (store === undefined) throw new Error(`the store ${name ?? 'default'} is a folder: nothing is carried there`);
      return store;
    };
    const brought = references.map(({ path, folder, outputsStore: name }) => ({ path, folder, store: storeOf(name) }));
    return { ...written, references: brought, ...(written.path !== null && { store: storeOf(outputsStore) }), lagSeconds, notes: notes.folder };
  }

  /** Its process, if it is there. */
  async #carrierOf(folder: AttemptFolder, notes: CarryNotes): Promise<number | undefined> {
    const text = await readFile(join(notes.folder, 'pid'), 'utf8').catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return '';
      throw error;
    });
    const pid = Number(text);
    return text !== '' && isMarked(pid, folder.path, carrierMarkerVariable) ? pid : undefined;
  }

  /** Nobody asks about it any more. */
  async forget(folder: AttemptFolder): Promise<void> {
    this.#startedAt.delete(folder.path);
    const notes = Carriage.notesOf(folder);
    const pid = notes.isThere ? await this.#carrierOf(folder, notes) : undefined;
    if (pid !== undefined) kill(pid);
    await rm(notes.folder, { recursive: true, force: true });
  }
}

async function writtenOf(notes: CarryNotes): Promise<Written> {
  return JSON.parse(await readFile(join(notes.folder, 'order'), 'utf8')) as Written;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

/** How a store is reached and trusted from this machine. */
function passedOn(): Record<string, string> {
  const names = ['PATH', 'HOME', 'TZ', 'TMPDIR', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
