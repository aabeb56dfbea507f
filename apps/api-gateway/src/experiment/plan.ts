// What would a resume, restart or copy do?
import type { CauseBody, ClonePlan, CloningStrategy, OutputsSummary } from '#contracts';
import { Refusal } from '#decider';
import type { ExperimentView } from '../views/experiments.view.ts';
import type { CloneCommand } from './clone.ts';
import type { PlanToken } from './plan-token.ts';
import type { Compiled } from './specification.ts';

interface Planned {
  readonly strategy: CloningStrategy;
  readonly source: ExperimentView;
  readonly compiled: Compiled;
  readonly outputs: OutputsSummary | null;
  readonly command: CloneCommand;
  readonly token: PlanToken;
  readonly causeOf: (code: string) => CauseBody | null;
  /** The decision itself: it throws the refusal it would give. */
  readonly decide: () => unknown;
}

export function planOf({ strategy, source, compiled, outputs, command, token, causeOf, decide }: Planned): ClonePlan {
  const { body, id, originalId, outputsPath } = source;
  const own = outputsPath.replace(/\/\d+$/, '/<new id>');
  const after = command.updatedCodeRevision === undefined ? body.code_revision : command.updatedCodeRevision;
  return {
    cloning_strategy: strategy,
    source_id: id,
    outputs_owner_id: strategy === 'resume' ? originalId : null,
    outputs_path: strategy === 'resume' ? outputsPath : own,
    differences: compiled.differences,
    command: { before: compiled.before.rendered.command, after: compiled.after.rendered.command },
    code_revision: { before: body.code_revision, after },
    checkpoint: outputs?.choice.offered ?? null,
    set_aside: outputs?.choice.setAside ?? [],
    copy: strategy === 'copy' && outputs ? { files: outputs.files, bytes: outputs.sizeBytes } : null,
    refusal: refusalOf(decide, causeOf),
    ...token,
  };
}

function refusalOf(decide: () => unknown, causeOf: Planned['causeOf']): ClonePlan['refusal'] {
  try {
    decide();
    return null;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code, message: detail, fix = null } = error as Refusal;
    return { code, detail, fix, cause: causeOf(code) };
  }
}
