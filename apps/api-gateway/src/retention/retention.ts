// How does a project keep the outputs that its rules name, and free the rest?
import { createHash } from 'node:crypto';
import type { RetentionBody, RetentionRequest } from '#contracts';
import { Refusal } from '#decider';
import type { Keeping } from '../experiment/keeping.ts';
import type { OutputsReader } from '../outputs/outputs-reader.ts';
import type { ProjectView } from '../views/projects.view.ts';
import { decideRetention, type RetentionDecision, type RetentionRules } from './decide-retention.ts';
import type { OutputsOfProject, ProjectOutputs } from './project-outputs.ts';

const measuredAtOnce = 8;

type Decision = RetentionDecision<ProjectOutputs>;

export class Retention {
  constructor(
    private readonly outputs: OutputsOfProject,
    private readonly reader: OutputsReader,
    private readonly keeping: Keeping,
  ) {}

  /** Nothing happens. */
  async preview(project: ProjectView, request: RetentionRequest): Promise<RetentionBody> {
    const rules = rulesOf(request);
    return this.#told(project, rules, await this.#decide(project, rules), { applied: false, refused: [] });
  }

  /** Decides again, and does it only if it is what the preview has shown; each of the outputs is then decided about once more in its own stream. */
  async apply(project: ProjectView, request: RetentionRequest, token: string, actor: string): Promise<RetentionBody> {
    const rules = rulesOf(request);
    const decision = await this.#decide(project, rules);
    if (token !== tokenOf(project, rules, decision))
      throw new Refusal('retention-outdated', 'other outputs would be freed now than the preview has shown, or by other rules', `polyaxon project -p ${project.user}/${project.name} retention`);
    const told = await this.#told(project, rules, decision, { applied: true, refused: [] });
    const refused: RetentionBody['refused'][number][] = [];
    for (const { originalId, experiments } of decision.freed) {
      const [first] = experiments;
      if (!first) continue;
      await this.keeping.deleteOutputs(first.id, actor, { reason: reasonOf(rules) }).catch((error: unknown) => {
        if (!(error instanceof Refusal)) throw error;
        const { code, message: detail } = error as Refusal;
        refused.push({ outputs_owner_id: originalId, code, detail });
      });
    }
    const isKept = new Set(refused.map(({ outputs_owner_id: id }) => id));
    const freed = told.freed.filter(({ outputs_owner_id: id }) => !isKept.has(id));
    return { ...told, freed, refused, ...sumOf(freed) };
  }

  async #decide({ id }: ProjectView, rules: RetentionRules): Promise<Decision> {
    return decideRetention(rules, await this.outputs.find(id, rules.keepBest?.metric ?? null));
  }

  async #told(project: ProjectView, rules: RetentionRules, decision: Decision, done: Pick<RetentionBody, 'applied' | 'refused'>): Promise<RetentionBody> {
    const freed: RetentionBody['freed'][number][] = [];
    const left = decision.freed[Symbol.iterator]();
    await Promise.all(Array.from({ length: measuredAtOnce }, async () => {
      for (const outputs of left) {
        const { originalId, outputsPath, experiments, readBy } = outputs;
        freed.push({ outputs_owner_id: originalId, outputs_path: outputsPath, experiments: experiments.map(({ id }) => id), read_by: readBy, ...(await this.reader.usage(outputs)) });
      }
    }));
    freed.sort((a, b) => a.outputs_owner_id - b.outputs_owner_id);
    const kept = decision.kept.map(({ outputs, reasons }) => ({ outputs_owner_id: outputs.originalId, experiments: outputs.experiments.map(({ id }) => id), reasons }));
    return { token: tokenOf(project, rules, decision), ...done, freed, kept, ...sumOf(freed) };
  }
}

function rulesOf({ keep_last: last, keep_best: count, metric, order }: RetentionRequest): RetentionRules {
  const keepLast = last ?? null;
  const isWhole = [count, metric, order].every((part) => part === undefined) || [count, metric, order].every((part) => part !== undefined);
  if (!isWhole) throw new Refusal('request-invalid', 'keep_best, metric and order belong together', 'polyaxon project retention --keep-best 3 --metric loss --order asc');
  const keepBest = count !== undefined && metric !== undefined && order !== undefined ? { count, metric, order } : null;
  if (keepLast === null && keepBest === null) throw new Refusal('request-invalid', 'without a rule nothing would be kept', 'polyaxon project retention --keep-last 5');
  return { keepLast, keepBest };
}

/** Of what would be freed, and by which rules: nothing else that happens in the project makes it worthless. */
function tokenOf({ id }: ProjectView, rules: RetentionRules, { freed }: Decision): string {
  const meant = { project: id, rules, freed: freed.map(({ originalId, experiments }) => [originalId, ...experiments.map((one) => one.id)]) };
  return createHash('sha256').update(JSON.stringify(meant)).digest('hex').slice(0, 32);
}

function reasonOf({ keepLast, keepBest }: RetentionRules): string {
  const parts = [...(keepLast === null ? [] : [`the last ${keepLast}`]), ...(keepBest === null ? [] : [`the best ${keepBest.count} by ${keepBest.metric}`])];
  return `retention: only ${parts.join(' and ')} are kept`;
}

function sumOf(freed: RetentionBody['freed']): { files: number; size_bytes: number } {
  return { files: freed.reduce((sum, { files }) => sum + files, 0), size_bytes: freed.reduce((sum, { size_bytes: size }) => sum + size, 0) };
}
