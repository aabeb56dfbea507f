// Which store keeps the files?
import type { FileTree } from './storage.ts';
import type { S3Settings } from './s3/connection.ts';
import { S3Tree } from './s3/s3-tree.ts';
import { VolumeTree } from './volume/volume-tree.ts';

/** `root` is a folder; it is made when it isn't there. A store that can't be used is opened all the same: `problem` says what is wrong with it. */
export type StorageConfiguration = { readonly kind: 'volume'; readonly root: string } | ({ readonly kind: 's3' } & S3Settings);

export async function openStorage(configuration: StorageConfiguration): Promise<FileTree> {
  return configuration.kind === 's3' ? new S3Tree(configuration) : VolumeTree.open(configuration.root);
}
