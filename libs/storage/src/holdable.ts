// Can a folder hold what a store holds?

/** Of the names: one that would have to be in a folder where another one is a file. Stores may have both. */
export function unholdable(paths: ReadonlySet<string>): { readonly path: string; readonly file: string } | undefined {
  for (const path of paths) {
    const file = fileAbove(path, paths);
    if (file !== undefined) return { path, file };
  }
  return undefined;
}

/** The file where this one's folder would have to be. */
export function fileAbove(path: string, files: Pick<ReadonlySet<string>, 'has'>): string | undefined {
  for (let slash = path.indexOf('/', 1); slash !== -1; slash = path.indexOf('/', slash + 1)) {
    const file = path.slice(0, slash);
    if (files.has(file)) return file;
  }
  return undefined;
}
