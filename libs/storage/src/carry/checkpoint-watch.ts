// Has a program read the files of the checkpoint it was given?
import { constants } from 'node:fs';
import { lstat, open, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unfinishedName } from '../paths.ts';

/** Whether its program has read the checkpoint it was given, and how that is known, or why not. */
export interface CheckpointSeen {
  readonly read: 'read' | 'not-read' | 'unknown';
  readonly how: string;
}

/** Where they don't, nothing can be seen. */
export type KeepsAccessTimes = (folder: string) => Promise<boolean>;

interface Watched {
  readonly path: string;
  readonly inode: string;
  /** In nanoseconds since 1970. */
  readonly accessed: string;
}

/** Kept beside the attempt, so that it is known to whoever takes over. */
interface Note {
  readonly files: readonly Watched[];
  readonly seen?: CheckpointSeen;
}

/** Of one that has more, so many tell enough. */
const filesMax = 64;
const longAgo = new Date('2001-01-01T00:00:00Z');

/**
 * By the access times of its files, which the kernel keeps. As most systems are mounted (relatime), the first reading after a change is written down and later ones may not be: so each file's change
 * time is made newer than its access time before the program starts. It only looks: whatever goes wrong, the run goes on, and nobody knows.
 */
export class CheckpointWatch {
  readonly #notes = new Map<string, Note | null>();

  constructor(private readonly keepsAccessTimes: KeepsAccessTimes = areAccessTimesKept) {}

  /** The program is not there yet. */
  async begin(folder: string, outputs: string, parts: readonly string[], options: { readonly mayTouch: boolean }): Promise<void> {
    const note = await this.#watched(outputs, parts, options).catch((error: unknown) => unknown(`its files can't be watched: ${(error as NodeJS.ErrnoException).code ?? 'unreadable'}`));
    await this.#keep(folder, note).catch(() => undefined);
  }

  /** Undefined: there is nothing to say, or nothing yet. */
  async look(folder: string, isOver: boolean): Promise<CheckpointSeen | undefined> {
    const note = await this.#noteOf(folder);
    if (!note) return undefined;
    if (note.seen) return isOver || note.seen.read === 'read' ? note.seen : undefined;
    const states = await Promise.all(note.files.map(stateOf));
    const read = states.filter((state) => state === 'read').length;
    if (read === 0 && !isOver) return undefined;
    const seen = verdict(read, states.length, states.includes('gone'));
    await this.#keep(folder, { ...note, seen }).catch(() => undefined);
    return seen;
  }

  forget(folder: string): void {
    this.#notes.delete(folder);
  }

  async #watched(outputs: string, parts: readonly string[], { mayTouch }: { mayTouch: boolean }): Promise<Note> {
    if (!(await this.keepsAccessTimes(outputs))) return unknown('its file system does not keep when files are read (noatime)');
    const files = await Promise.all(parts.slice(0, filesMax).map((part) => watched(join(outputs, part), mayTouch)));
    const usable = files.filter((file) => file !== null);
    return usable.length === 0 ? unknown('its files were read by others, too') : { files: usable };
  }

  async #noteOf(folder: string): Promise<Note | null> {
    const known = this.#notes.get(folder);
    if (known !== undefined) return known;
    const text = await readFile(noteIn(folder), 'utf8').catch(() => null); // none was given
    const note = text === null ? null : (JSON.parse(text) as Note);
    this.#notes.set(folder, note);
    return note;
  }

  async #keep(folder: string, note: Note): Promise<void> {
    this.#notes.set(folder, note);
    await writeFile(`${noteIn(folder)}.part`, JSON.stringify(note), { mode: 0o600 });
    await rename(`${noteIn(folder)}.part`, noteIn(folder));
  }
}

function noteIn(folder: string): string {
  return join(folder, 'checkpoint');
}

function unknown(how: string): Note {
  return { files: [], seen: { read: 'unknown', how } };
}

function verdict(read: number, files: number, isSomeGone: boolean): CheckpointSeen {
  if (read > 0) return { read: 'read', how: files === 1 ? 'its file was read' : `${read} of its ${files} files were read` };
  if (isSomeGone) return { read: 'unknown', how: 'its files were gone, or others, before they could be looked at' };
  return { read: 'not-read', how: files === 1 ? 'its file was not read' : `none of its ${files} files was read` };
}

/** Giving it the rights that it has changes nothing but its change time. Null: its access time is newer, so that a reading might not show. */
async function watched(path: string, mayTouch: boolean): Promise<Watched | null> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const before = await file.stat({ bigint: true });
    const isShown = before.atimeNs <= before.ctimeNs || before.atimeNs <= before.mtimeNs;
    if (!isShown && !mayTouch) return null;
    if (!isShown) await file.chmod(Number(before.mode) & 0o7777);
    return { path, inode: String(before.ino), accessed: String(before.atimeNs) };
  } finally {
    await file.close();
  }
}

async function stateOf({ path, inode, accessed }: Watched): Promise<'read' | 'unread' | 'gone'> {
  const stat = await lstat(path, { bigint: true }).catch(() => undefined);
  if (!stat || String(stat.ino) !== inode) return 'gone';
  return String(stat.atimeNs) === accessed ? 'unread' : 'read';
}

async function areAccessTimesKept(folder: string): Promise<boolean> {
  const file = join(folder, unfinishedName(`reading-${process.pid}`));
  try {
    await writeFile(file, 'x');
    await utimes(file, longAgo, new Date());
    await readFile(file);
    return (await lstat(file)).atimeMs > longAgo.getTime();
  } finally {
    await rm(file, { force: true });
  }
}
