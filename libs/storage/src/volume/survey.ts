// What does a folder hold at this moment, and what is different a moment later?
import { lstatSync, readdirSync, type Dirent, type Stats } from 'node:fs';
import { join } from 'node:path';
import { inPathOrder, isAbsent, unreadable, versionOf } from './walk.ts';

/** Everything in here blocks: it runs in threads of its own. */
export interface Manifest {
  readonly files: readonly ManifestFile[];
  /** Outer ones first. */
  readonly folders: readonly string[];
  readonly skippedLinks: number;
  /** Names that aren't UTF-8: they can be seen, but not opened. */
  readonly unreadable: readonly string[];
}

export interface ManifestFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly version: string;
}

export interface Selection {
  readonly folders?: readonly string[];
  readonly files?: readonly string[];
}

/**
 * `racyMs`: file systems tell time in ticks, so a file may be written again without looking any newer. One that was written just now gets
 * a version that no later survey repeats.
 */
export function survey({ folder, racyMs = 0 }: { folder: string; racyMs?: number }): Manifest {
  const fresh = racyMs > 0 ? Date.now() - racyMs : Infinity;
  const files: ManifestFile[] = [];
  const folders: string[] = [];
  const strange: string[] = [];
  let skippedLinks = 0;
  const visit = (prefix: string): void => {
    for (const entry of inPathOrder(entriesOf(join(folder, prefix)))) {
      const path = prefix + entry.name;
      if (unreadable(entry.name)) strange.push(path);
      else if (entry.isDirectory()) {
        folders.push(path);
        visit(`${path}/`);
      } else if (entry.isFile()) {
        const stat = statOf(join(folder, path));
        if (stat?.isFile()) files.push(fileOf(path, stat, stat.ctimeMs >= fresh));
      } else skippedLinks += 1;
    }
  };
  visit('');
  return { files, folders, skippedLinks, unreadable: strange };
}

export function select(manifest: Manifest, selection: Selection | undefined): Manifest {
  if (selection === undefined) return manifest;
  const files = new Set(selection.files);
  const folders = selection.folders ?? [];
  const isIn = (path: string): boolean => folders.some((folder) => folder === '' || path === folder || path.startsWith(`${folder}/`));
  const chosen = manifest.files.filter(({ path }) => files.has(path) || isIn(path));
  const needed = new Set([...chosen.map(({ path }) => path), ...folders].flatMap(ancestorsOf));
  return {
    ...manifest,
    files: chosen,
    folders: manifest.folders.filter((folder) => needed.has(folder) || isIn(folder)),
    unreadable: manifest.unreadable.filter(isIn),
  };
}

/** What was asked for and isn't there. */
export function missing(manifest: Manifest, selection: Selection | undefined): string[] {
  const files = new Set(manifest.files.map(({ path }) => path));
  const folders = new Set(['', ...manifest.folders]);
  return [...(selection?.files ?? []).filter((path) => !files.has(path)), ...(selection?.folders ?? []).filter((path) => !folders.has(path))];
}

export interface Difference {
  /** New, or with another version. */
  readonly changed: readonly ManifestFile[];
  readonly vanished: readonly string[];
  readonly folders: readonly string[];
}

export function difference(before: Manifest, after: Manifest): Difference {
  const versions = new Map(before.files.map(({ path, version }) => [path, version]));
  const files = new Set(after.files.map(({ path }) => path));
  const old = new Set(before.folders);
  const now = new Set(after.folders);
  return {
    changed: after.files.filter(({ path, version }) => versions.get(path) !== version),
    vanished: [...before.files.map(({ path }) => path).filter((path) => !files.has(path)), ...before.folders.filter((path) => !now.has(path))],
    folders: after.folders.filter((path) => !old.has(path)),
  };
}

function ancestorsOf(path: string): string[] {
  const segments = path.split('/').slice(0, -1);
  return segments.map((_, index) => segments.slice(0, index + 1).join('/'));
}

function fileOf(path: string, stat: Stats, isFresh: boolean): ManifestFile {
  const version = isFresh ? `${versionOf(stat)}-seen-${performance.now()}` : versionOf(stat);
  return { path, sizeBytes: stat.size, modifiedMs: stat.mtimeMs, version };
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}
