// What does an answer of the store mean to someone who waits for a copy?
import { CopyFailed, type CopyFailure } from '../storage.ts';
import { codeOf } from './connection.ts';

const reasons: Readonly<Record<string, CopyFailure>> = {
  AccessDenied: 'permission',
  AllAccessDisabled: 'permission',
  QuotaExceeded: 'disk-full',
  XMinioStorageFull: 'disk-full',
  XMinioAdminBucketQuotaExceeded: 'disk-full',
  InsufficientCapacity: 'disk-full',
  KeyTooLongError: 'name-invalid',
  InvalidObjectName: 'name-invalid',
  XMinioInvalidObjectName: 'name-invalid',
  XMinioInvalidResourceName: 'name-invalid',
  XMinioParentIsObject: 'name-invalid',
  ObjectParentIsFile: 'name-invalid',
  ExistingObjectIsDirectory: 'name-invalid',
  DirectoryObjectContainsData: 'name-invalid',
};

const sentences: Readonly<Partial<Record<CopyFailure, string>>> = {
  'disk-full': 'The store has no room left for the copy',
  permission: 'The platform may not read the source or write the copy',
  'name-invalid': 'The store cannot hold that name beside the others',
};

/** Anything else passes, or is for whoever runs the platform: the copy is tried again. */
export function copyFailure(error: unknown, path?: string): unknown {
  const reason = error instanceof CopyFailed ? undefined : reasons[codeOf(error)];
  if (reason === undefined) return error;
  const where = path === undefined ? '' : ` ${JSON.stringify(path)}`;
  return new CopyFailed(reason, `${sentences[reason]}:${where} ${(error as Error).message}`.replace(/\.?$/, '.'), { cause: error });
}
