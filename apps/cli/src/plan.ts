// What would a resume, restart or copy do, shown so that a person can decide?
import type { CheckpointSummary, ClonePlan, Difference } from '#contracts';
import type { Paint } from './output.ts';
import { bytesText, filesText } from './progress.ts';

const newCode = 'the working directory';

export function planText(plan: ClonePlan, paint: Paint, directory: { readonly files: number; readonly sizeBytes: number } | null): string {
  const { before, after } = plan.code_revision;
  const code = directory
    ? `${short(before)} -> ${newCode} (${filesText(directory.files)}, ${bytesText(directory.sizeBytes)})`
    : before === after
      ? short(after)
      : `${short(before)} -> ${short(after)}`;
  const lines = [
    paint.bold(`${plan.cloning_strategy} of experiment ${plan.source_id}`) + paint.dim(' (a plan; nothing is done)'),
    `${paint.dim('outputs   ')} ${plan.outputs_path}`,
    `${paint.dim('code      ')} ${code}`,
    ...commandLines(plan, paint),
    ...(plan.differences.length === 0
      ? [`${paint.dim('changes   ')} none`]
      : [paint.dim('changes'), ...plan.differences.flatMap((one) => differenceLines(one, paint))]),
    ...checkpointLines(plan, paint),
    ...(plan.copy ? [`${paint.dim('copy      ')} ${filesText(plan.copy.files)}, ${bytesText(plan.copy.bytes)}`] : []),
    plan.refusal ? `${paint.red('refused   ')} ${plan.refusal.detail}` : `${paint.green('accepted  ')} it would start`,
    ...(plan.refusal?.cause ? [`${paint.dim('  since')} ${plan.refusal.cause.type} of ${plan.refusal.cause.experiment_id} by ${plan.refusal.cause.actor}, ${plan.refusal.cause.time}`] : []),
    ...(plan.refusal?.fix ? [`${paint.cyan('  fix:')} ${plan.refusal.fix}`] : []),
  ];
  return lines.join('\n');
}

function commandLines({ command: { before, after } }: ClonePlan, paint: Paint): string[] {
  if (before === after) return [`${paint.dim('command   ')} ${after}`];
  return [paint.dim('command'), `  ${paint.red(`- ${before}`)}`, `  ${paint.green(`+ ${after}`)}`];
}

function differenceLines({ path, change, before, after }: Difference, paint: Paint): string[] {
  const removed = `  ${paint.red(`- ${path}: ${JSON.stringify(before)}`)}`;
  const added = `  ${paint.green(`+ ${path}: ${JSON.stringify(after)}`)}`;
  return change === 'added' ? [added] : change === 'removed' ? [removed] : [removed, added];
}

function checkpointLines({ checkpoint, set_aside: setAside, cloning_strategy: strategy }: ClonePlan, paint: Paint): string[] {
  if (strategy === 'restart') return [];
  if (!checkpoint) return [`${paint.dim('checkpoint')} none recognised`];
  const { path, step, sizeBytes, problem, framework } = checkpoint;
  const verdict = problem ? paint.red(`damaged: ${problem}`) : paint.green('complete');
  const first = `${paint.dim('checkpoint')} ${path} (${framework}${step === null ? '' : `, step ${step}`}, ${bytesText(sizeBytes)}) ${verdict}`;
  return [first, ...setAside.map((one) => `${paint.dim('set aside ')} ${setAsideText(one)}`)];
}

/** Why it would be in the way. */
export function setAsideText({ path, step, problem }: Pick<CheckpointSummary, 'path' | 'step' | 'problem'>): string {
  return `${path}${step === null ? '' : ` (step ${step})`}: ${problem ?? 'newer than the one that was asked for'}`;
}

function short(revision: string | null): string {
  return revision?.slice(0, 12) ?? 'none';
}
