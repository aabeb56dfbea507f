// Which files differ between two uploads?
import type { FileDifference, FilesComparison } from '#contracts';
import type { CodeFile } from '../code/archive.ts';

const namedMax = 1000;

export function compareCode(before: ReadonlyMap<string, CodeFile>, after: ReadonlyMap<string, CodeFile>): FilesComparison {
  const counts = { added: 0, removed: 0, changed: 0, unknown: 0, same: 0 };
  const files: FileDifference[] = [];
  for (const path of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const [was, is] = [before.get(path), after.get(path)];
    const change = !was ? 'added' : !is ? 'removed' : was.line === is.line ? 'same' : 'changed';
    counts[change] += 1;
    if (change !== 'same' && files.length < namedMax) files.push({ path, change, before_bytes: was?.sizeBytes ?? null, after_bytes: is?.sizeBytes ?? null });
  }
  return { files, ...counts };
}
