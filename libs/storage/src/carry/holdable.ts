// Can a folder of this machine hold what a store holds?

/** Of the names: one that would have to be in a folder where another one is a file. Stores may have both. */
export function unholdable(paths: ReadonlySet<string>): { readonly path: string; readonly file: string } | undefined {
  for (const path of paths) {
    for (let slash = path.indexOf('/', 1); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      const file = path.slice(0, slash);
      if (paths.has(file)) return { path, file };
    }
  }
  return undefined;
}
