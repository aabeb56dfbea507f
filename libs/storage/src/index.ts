// Where are files kept, and what can be done with them?
export { openStorage, type StorageConfiguration } from './open-storage.ts';
export {
  CopyFailed, type Children, type CopyFailure, type CopyOptions, type CopyProgress, type CopyReport, type FileEntry, type FileTree, type Settling, type StoreProblem, type Usage,
} from './storage.ts';
export { checkPath } from './paths.ts';
