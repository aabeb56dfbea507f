// Which store keeps the files?
import type { FileTree } from './storage.ts';
import { VolumeTree } from './volume/volume-tree.ts';

/** `root` is a folder; it is made when it isn't there. */
export interface StorageConfiguration {
  readonly kind: 'volume';
  readonly root: string;
}

export async function openStorage({ root }: StorageConfiguration): Promise<FileTree> {
  return VolumeTree.open(root);
}
