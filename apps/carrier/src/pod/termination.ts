// What does a container of ours leave behind for whoever reads its pod?
import { writeFile } from 'node:fs/promises';
import type { CarryDone, PodEnd } from '#storage';

/** As kubelet has it by default. */
const messageFile = '/dev/termination-log';
/** Kubelet cuts off what is longer. */
const bytesMax = 4096;
/** So that tests have a place for it. */
export const messageFileVariable = 'POLYAXON_TERMINATION_LOG';

export async function leaveMessage(message: string): Promise<void> {
  const file = process.env[messageFileVariable] ?? messageFile;
  await writeFile(file, Buffer.from(message).subarray(0, bytesMax)).catch((error: unknown) => process.stderr.write(`${file}: ${(error as Error).message}\n`));
}

/** What makes it too long goes: it stays JSON. */
export function endMessage(end: PodEnd): string {
  const shorter: readonly PodEnd[] = [end, withoutTail(end), { ...withoutTail(end), carried: shortened(end.carried) }];
  return shorter.map((one) => JSON.stringify(one)).find((text) => Buffer.byteLength(text) <= bytesMax) ?? JSON.stringify({ ...withoutTail(end), buildStep: undefined, carried: shortened(end.carried, 0) });
}

function withoutTail({ tail: _, ...end }: PodEnd): PodEnd {
  return end;
}

function shortened(carried: CarryDone | null, warnings = 1): CarryDone | null {
  return carried && { ...carried, message: carried.message?.slice(0, 500) ?? null, warnings: carried.warnings.slice(0, warnings).map((warning) => warning.slice(0, 500)) };
}
