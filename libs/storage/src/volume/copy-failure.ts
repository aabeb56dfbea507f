// What does an error of the file system mean to someone who waits for a copy?
import { CopyFailed, type CopyFailure } from '../storage.ts';

const reasons: Readonly<Record<string, CopyFailure>> = {
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EFBIG: 'disk-full',
  EACCES: 'permission',
  EPERM: 'permission',
  EROFS: 'permission',
  ENAMETOOLONG: 'name-invalid',
  EILSEQ: 'name-invalid',
};

const sentences: Readonly<Partial<Record<CopyFailure, string>>> = {
  'disk-full': 'There is no room left for the copy',
  permission: 'The platform may not read the source or write the copy',
  'name-invalid': 'The volume cannot hold a name of that length or kind',
  io: 'The volume failed',
};

/** Errors without a code are faults of ours and stay what they are. `root` is nobody's business. */
export function copyFailure(error: unknown, root: string): unknown {
  if (error instanceof CopyFailed || !(error instanceof Error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) return error;
  const reason = reasons[code] ?? 'io';
  return new CopyFailed(reason, `${sentences[reason] ?? ''}: ${error.message.replaceAll(`${root}/`, '')}.`, { cause: error });
}
