// Where are files kept, and what can be done with them?
export { openStorage, type StorageConfiguration } from './open-storage.ts';
export {
  CopyFailed, type Children, type CopyFailure, type CopyOptions, type CopyProgress, type CopyReport, type FileEntry, type FileTree, type Settling, type StoreProblem, type Usage,
} from './storage.ts';
export { copyBetween, type Place as CopyPlace } from './between/copy-between.ts';
export { checkPath, unfinishedName } from './paths.ts';
export { SourceMoves } from './carry/bring-in.ts';
export { bringReference, Carrier, FolderTaken, type CarrierOptions, type Pass } from './carry/carrier.ts';
export { ClaimLost, type Epoch } from './carry/claim.ts';
export { type Program } from './carry/due.ts';
export {
  carrierMarkerVariable, CarryNotes, carryOrderVariable, type CarryDone, type CarryOrder, type CarryStatus, type ProgramEnded,
} from './carry/notes.ts';
export { CheckpointWatch, type CheckpointSeen, type KeepsAccessTimes } from './carry/checkpoint-watch.ts';
export { bringExitCode, ownLine, podFolders, podOrderFile, podTokenFile, type BuildOrder, type PodEnd, type PodOrder } from './carry/pod-order.ts';
export { isPassing as isPassingFailure, type S3Settings } from './s3/connection.ts';
export { problemOf as storeProblemOf } from './s3/store-problem.ts';
export { CodeUnusable, unpackCode, type Unpacking } from './unpack-code.ts';
