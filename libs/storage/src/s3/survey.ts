// Which objects are to be copied, and can all of them be?
import { CopyFailed, type CopyOptions } from '../storage.ts';
import type { Bucket } from './bucket.ts';
import type { Entry } from './notes.ts';
import { isWithinOurs, keyBytesMax } from './places.ts';

/** Page by page, in the order of their keys, without the tree's own. A name that would not be the same one in the target is refused. */
export async function* entriesOf(bucket: Bucket, source: string, target: string, hides: (path: string) => boolean): AsyncGenerator<Entry[]> {
  let isThere = false;
  for await (const { objects } of bucket.pages(source)) {
    isThere ||= objects.length > 0;
    const entries = objects.map(({ key, sizeBytes, etag }) => ({ path: key.slice(source.length), sizeBytes, etag }));
    const page = entries.filter(({ path }) => path !== '' && !isWithinOurs(path) && !hides(path));
    for (const entry of page) {
      const problem = problemOf(entry, target);
      if (problem !== undefined) throw new CopyFailed('name-invalid', `The name ${JSON.stringify(entry.path)} ${problem}.`);
    }
    yield page;
  }
  if (!isThere) throw new CopyFailed('source-missing', 'The folder to copy from is not there.');
}

export class Selected {
  readonly #files: ReadonlySet<string> | undefined;
  readonly #folders: readonly string[];
  readonly #missing: Set<string>;

  constructor(select: CopyOptions['select']) {
    this.#files = select && new Set(select.files);
    this.#folders = select?.folders ?? [];
    this.#missing = new Set([...(select?.files ?? []), ...this.#folders.filter((folder) => folder !== '')]);
  }

  of(entries: Entry[]): Entry[] {
    const files = this.#files;
    if (files === undefined) return entries;
    return entries.filter(({ path }) => {
      const folders = this.#folders.filter((folder) => folder === '' || path.startsWith(`${folder}/`));
      for (const name of [path, ...folders]) this.#missing.delete(name);
      return files.has(path) || folders.length > 0;
    });
  }

  /** What was asked for and isn't there. */
  checkAll(): void {
    if (this.#missing.size > 0) throw new CopyFailed('source-missing', `The source does not hold ${[...this.#missing].slice(0, 3).map((path) => JSON.stringify(path)).join(', ')}.`);
  }
}

/** The next ones are looked for while the last ones are used: a listing is never waited for twice. */
export async function* ahead<Item>(items: AsyncGenerator<Item>): AsyncGenerator<Item> {
  let next = items.next();
  next.catch(() => undefined);
  try {
    for (;;) {
      const now = await next;
      if (now.done === true) return;
      next = items.next();
      next.catch(() => undefined); // told when it is its turn
      yield now.value;
    }
  } finally {
    await next.catch(() => undefined);
    await items.return(undefined);
  }
}

export async function* flat<Item>(pages: AsyncIterable<readonly Item[]>): AsyncGenerator<Item> {
  for await (const page of pages) yield* page;
}

function problemOf({ path, sizeBytes }: Entry, target: string): string | undefined {
  const isFolder = path.endsWith('/');
  if (isFolder && sizeBytes > 0) return 'ends with a slash, and there is something in it';
  const segments = (isFolder ? path.slice(0, -1) : path).split('/');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) return 'has an empty segment, or one that is . or ..';
  const bytes = Buffer.byteLength(target + path);
  return bytes > keyBytesMax ? `would be ${bytes} bytes long with its folders, and a store holds ${keyBytesMax}` : undefined;
}
