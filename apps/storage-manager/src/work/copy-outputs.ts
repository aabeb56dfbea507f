// How is an outputs path filled from another?
import type { CopyProgressBody } from '#contracts';
import { Refusal } from '#decider';
import { CopyFailed, copyBetween, type CopyOptions, type CopyProgress, type CopyReport, type FileTree } from '#storage';
import { NothingWhole, type OfferCheckpoint } from '../checkpoints/offer.ts';
import type { TreeOf } from '../outputs-stores.ts';
import { copiesRunning, copyFailed, CopyMeter, type CopyFailureReason } from '../metrics.ts';
import { CopyRate } from './copy-rate.ts';
import type { Claimed, CopyTask } from './task.ts';
import type { Clock, Performer } from './worker.ts';

const progressEveryMs = 250;

export function copyOutputs(treeOf: TreeOf, now: Clock, offerFrom?: (tree: FileTree) => OfferCheckpoint): Performer<CopyTask> {
  return {
    async perform(task, { signal, report }) {
      copiesRunning.inc();
      const meter = new CopyMeter();
      try {
        const { files, sizeBytes, digest, skippedLinks } = await copy(await endsOf(treeOf, task), task, { signal, onProgress: told(meter, atMostEvery(progressEveryMs, report)) });
        meter.complete(sizeBytes);
        const { experimentId, originalExperimentId, payload } = task;
        const { outputsPath, outputsStore } = payload;
        const checkpoint = await offerFrom?.(await treeOf(outputsStore))({ experimentId, attempt: 1, outputsPath, ...startOf(task) });
        const copied = { files, sizeBytes, digest, skippedLinks, ...(checkpoint && { checkpoint }), copiedAt: now() };
        return { type: 'CompleteCopy', data: { experimentId, originalExperimentId, outputsPath, ...copied } };
      } finally {
        meter.end();
        copiesRunning.dec();
      }
    },
    isFinal: (error) => error instanceof CopyFailed || error instanceof NothingToCopy || error instanceof NothingWhole || error instanceof Refusal,
    failed({ experimentId, originalExperimentId, payload: { outputsPath } }, error) {
      const reason = reasonOf(error);
      copyFailed(error instanceof Refusal ? 'refused' : (reason as CopyFailureReason));
      const message = error instanceof Error ? error.message : String(error);
      return { type: 'FailCopy', data: { experimentId, originalExperimentId, outputsPath, reason, message, failedAt: now() } };
    },
  };
}

class NothingToCopy extends Error {}

/** A part of the outputs may be copied for something else than to go on from it. */
function startOf({ payload: { from = null, forced = false, folders, files } }: CopyTask): { from: string | null; forced: boolean } {
  return { from, forced: forced || (from === null && folders.length + files.length > 0) };
}

interface Ends {
  readonly source: FileTree;
  readonly target: FileTree;
}

async function endsOf(treeOf: TreeOf, { payload: { outputsStore, sourceOutputsStore } }: CopyTask): Promise<Ends> {
  return { source: await treeOf(sourceOutputsStore), target: await treeOf(outputsStore) };
}

async function copy({ source, target: tree }: Ends, task: Claimed<CopyTask>, options: CopyOptions): Promise<CopyReport> {
  const { outputsPath, sourceOutputsPath, sourceIsLive, folders, files } = task.payload;
  if (task.isCancelled) return cancelled(tree, outputsPath);
  const isWhole = folders.length + files.length === 0;
  const wanted: CopyOptions = { ...options, attempt: task.epoch, ...(!isWhole && { select: { folders, files } }) };
  const copyIt = (live: boolean) => copyBetween({ tree: source, folder: sourceOutputsPath }, { tree, folder: outputsPath }, { ...wanted, live });
  const report = await copyIt(sourceIsLive).catch(async (error: unknown) => {
    const wasResumedSince = !sourceIsLive && error instanceof CopyFailed && error.reason === 'source-changed';
    if (!wasResumedSince) throw error;
    return copyIt(true);
  });
  if (report.files > 0) return report;
  await tree.remove(outputsPath);
  throw new NothingToCopy(`There is nothing to copy: ${sourceOutputsPath} holds no file.`);
}

/** Cancelled before this process began: what a former one left unfinished goes; a folder that is there under the target's own name may be somebody's. */
async function cancelled(tree: FileTree, outputsPath: string): Promise<never> {
  if (!(await tree.exists(outputsPath))) await tree.remove(outputsPath);
  throw new CopyFailed('cancelled', 'The copy was cancelled.');
}

function reasonOf(error: unknown): string {
  if (error instanceof CopyFailed) return error.reason;
  if (error instanceof NothingToCopy) return 'nothing-to-copy';
  if (error instanceof NothingWhole) return 'checkpoints-damaged';
  return error instanceof Refusal ? (error as Refusal).code : 'io';
}

function told(meter: CopyMeter, report: (progress: CopyProgress) => void): (progress: CopyProgress) => void {
  return (progress) => {
    meter.update(progress);
    report(progress);
  };
}

function atMostEvery(milliseconds: number, report: (progress: CopyProgressBody) => void): (progress: CopyProgress) => void {
  const rate = new CopyRate();
  let nextAt = 0;
  return (progress) => {
    const now = performance.now();
    if (now < nextAt) return;
    nextAt = now + milliseconds;
    report(rate.body(progress, now));
  };
}
