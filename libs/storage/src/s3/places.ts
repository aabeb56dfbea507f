// Under which keys are files kept, and which copies are not finished?
import { basename, dirname } from 'node:path/posix';
import { isOurs, receiptName } from '../paths.ts';
import type { Bucket } from './bucket.ts';

const copies = '.copies.polyaxon.tmp/';
const request = '.request.polyaxon.tmp';
const uploadNote = '.upload-';
const carries = '.carries.polyaxon.tmp';
export const keyBytesMax = 1024;

/**
 * A file is an object, a folder that has to be there without one is an empty object whose key ends with a slash. An unfinished copy grows under its final keys,
 * since a store can't rename; what hides it until it is complete are notes at the root of the tree, where one listing finds those of all copies.
 */
export class Places {
  readonly root: string;

  constructor(prefix: string) {
    this.root = prefix === '' ? '' : `${prefix}/`;
  }

  file(path: string): string {
    return this.root + path;
  }

  /** What all keys below begin with. */
  folder(path: string): string {
    return path === '' ? this.root : `${this.root}${path}/`;
  }

  pathOf(key: string): string {
    return key.slice(this.root.length);
  }

  receipt(target: string): string {
    const parent = dirname(target);
    return this.folder(parent === '.' ? '' : parent) + receiptName(basename(target));
  }

  notes(target: string): string {
    return `${this.folder(copies.slice(0, -1))}${target}/`;
  }

  /** While this is there, nobody sees the target. */
  request(target: string): string {
    return this.notes(target) + request;
  }

  /** Who writes the folder, and what is to be shown there. */
  claim(folder: string): string {
    return `${this.folder(carries)}${folder}/.claim.polyaxon.tmp`;
  }

  page(target: string, number: number): string {
    return `${this.notes(target)}.page-${String(number).padStart(8, '0')}.polyaxon.tmp`;
  }

  /** `name` stands for the path of a large object: that may be longer than a key can be. */
  upload(target: string, name: string): string {
    return `${this.notes(target)}${uploadNote}${name}.polyaxon.tmp`;
  }

  isUpload(key: string): boolean {
    return key.startsWith(this.root + copies) && key.slice(key.lastIndexOf('/') + 1).startsWith(uploadNote);
  }

  /** Where all notes of all copies are. */
  get allNotes(): string {
    return this.root + copies;
  }

  async unfinished(bucket: Bucket): Promise<Unfinished> {
    const targets: string[] = [];
    const from = this.root + copies;
    for await (const { key } of bucket.objects(from)) if (key.endsWith(`/${request}`)) targets.push(key.slice(from.length, -request.length - 1));
    return new Unfinished(targets);
  }
}

/** Targets of copies that are under way, or were when their copier died. */
export class Unfinished {
  constructor(private readonly targets: readonly string[]) {}

  hides(path: string): boolean {
    return this.targets.some((target) => path === target || path.startsWith(`${target}/`));
  }
}

/** Has a segment that is the tree's own. */
export function isWithinOurs(path: string): boolean {
  return path.includes('.polyaxon.') && path.split('/').some(isOurs);
}
