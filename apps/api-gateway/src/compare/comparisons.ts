// What is different between two experiments: polyaxonfile, params, code, metrics and outputs?
import type { ExperimentBody, ExperimentComparison, FilesComparison } from '#contracts';
import { Refusal } from '#decider';
import type { CodeStore } from '../code/code-store.ts';
import type { OutputsReader } from '../outputs/outputs-reader.ts';
import type { ExperimentView } from '../views/experiments.view.ts';
import { compareCode } from './compare-code.ts';
import { compare, isSame } from './compare.ts';

export class Comparisons {
  constructor(
    private readonly code: CodeStore,
    private readonly outputs: OutputsReader,
  ) {}

  async of(before: ExperimentView, after: ExperimentView): Promise<ExperimentComparison> {
    const [code, files] = await Promise.all([
      this.#code(before.body, after.body),
      before.outputsPath === after.outputsPath ? null : this.outputs.compare(before, after),
    ]);
    const compared = {
      ...compare(before.body, after.body),
      code: { before: before.body.code_revision, after: after.body.code_revision, files: code },
      outputs: { before: before.outputsPath, after: after.outputsPath, files },
    };
    return { ...compared, same: isSame(compared) };
  }

  async #code(before: ExperimentBody, after: ExperimentBody): Promise<FilesComparison | null> {
    if (before.code_revision === null || after.code_revision === null || before.code_revision === after.code_revision) return null;
    try {
      const [was, is] = await Promise.all([this.#files(before, before.code_revision), this.#files(after, after.code_revision)]);
      return compareCode(was, is);
    } catch (error) {
      if (error instanceof Refusal && error.code === 'code-not-found') return null;
      throw error;
    }
  }

  #files({ project }: ExperimentBody, revision: string) {
    const [user = '', name = ''] = project.split('.');
    return this.code.files(user, name, revision);
  }
}
