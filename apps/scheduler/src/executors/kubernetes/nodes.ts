// Is the node still there that a pod should long have left?
import { ClusterProblem } from './cluster-problem.ts';
import type { Cluster } from './cluster.ts';
import type { NodeSeen } from './end-of.ts';

const looksEveryMs = 10_000;

/** Asked for one by one, and only when something is wrong: in a large cluster there is always news of all of them. */
export class Nodes {
  readonly #seen = new Map<string, { readonly node: Promise<NodeSeen>; readonly at: number }>();

  constructor(
    private readonly cluster: Cluster,
    private readonly now: () => Date,
  ) {}

  async look(name: string): Promise<NodeSeen> {
    const at = this.now().getTime();
    const seen = this.#seen.get(name);
    if (seen && at - seen.at < looksEveryMs) return seen.node;
    for (const [other, one] of this.#seen) if (at - one.at > 10 * looksEveryMs) this.#seen.delete(other);
    const node = this.#ask(name);
    this.#seen.set(name, { node, at });
    return node;
  }

  /** Who may not see nodes, or gets no answer, knows nothing of them. */
  async #ask(name: string): Promise<NodeSeen> {
    try {
      return await this.cluster.node(name);
    } catch (error) {
      if (error instanceof ClusterProblem) return undefined;
      throw error;
    }
  }
}
