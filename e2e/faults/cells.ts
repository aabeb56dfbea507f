// Which steps does each verb have, and what is killed at each of them, before and after it is written down?
import type { Part } from '../platform.ts';
import type { Verb } from '../survival/users.ts';

/** One transaction of one service, found by the event it appends or by the row of work it writes down; or the answer to a question with a name, which is no transaction. */
export interface Step {
  readonly service: 'api-gateway' | 'scheduler' | 'storage-manager' | 'log-collector';
  readonly event?: string;
  readonly table?: string;
  readonly query?: string;
}

export interface Cell {
  readonly verb: Verb;
  readonly step: Step;
  /** Before: nothing of the step is written down; after: it is committed, and nobody has heard of it. */
  readonly moment: 'before' | 'after';
  readonly part: Part;
}

export const parts: readonly Part[] = ['api-gateway', 'scheduler', 'storage-manager', 'log-collector', 'kafka', 'postgres'];

const launch: readonly Step[] = [
  { service: 'scheduler', event: 'RunOutputsReady' },
  { service: 'scheduler', event: 'RunScheduled' },
  { service: 'scheduler', event: 'RunStarting' },
  { service: 'scheduler', event: 'RunStarted' },
  { service: 'log-collector', table: 'log_collector.archives' },
  { service: 'scheduler', event: 'RunSucceeded' },
  { service: 'log-collector', event: 'LogsArchived' },
  { service: 'api-gateway', event: 'ExperimentDone' },
];
const prepare: readonly Step[] = [
  { service: 'scheduler', event: 'RunQueued' },
  { service: 'storage-manager', table: 'storage_manager.work' },
  { service: 'storage-manager', event: 'OutputsPrepared' },
];

export const steps: Readonly<Record<Verb, readonly Step[]>> = {
  create: [{ service: 'api-gateway', event: 'ExperimentCreated' }, ...prepare, ...launch],
  resume: [{ service: 'api-gateway', event: 'ExperimentResumeRequested' }, ...prepare, ...launch],
  restart: [{ service: 'api-gateway', event: 'ExperimentRestartRequested' }, ...prepare, ...launch],
  copy: [
    { service: 'api-gateway', event: 'ExperimentCopyRequested' },
    { service: 'scheduler', event: 'RunQueued' },
    { service: 'storage-manager', event: 'OutputsCopyStarted' },
    { service: 'storage-manager', event: 'OutputsCopied' },
    ...launch,
  ],
  stop: [
    { service: 'api-gateway', event: 'ExperimentStopRequested' },
    { service: 'scheduler', event: 'RunStopRequested' },
    { service: 'scheduler', event: 'RunStopped' },
    { service: 'log-collector', event: 'LogsArchived' },
    { service: 'api-gateway', event: 'ExperimentDone' },
  ],
};

export const allCells: readonly Cell[] = (Object.keys(steps) as Verb[]).flatMap((verb) =>
  steps[verb].flatMap((step) => (['before', 'after'] as const).flatMap((moment) => parts.map((part): Cell => ({ verb, step, moment, part })))),
);

/** As the event itself, or what is written down. */
export function nameOf({ event, table }: Step): string {
  return event ?? `row in ${table}`;
}

export function titleOf({ verb, step, moment, part }: Cell): string {
  return `${verb}: ${part} killed ${moment} ${nameOf(step)} of the ${step.service}`;
}
