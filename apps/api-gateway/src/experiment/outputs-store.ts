// In which store does a polyaxonfile want the outputs?
import { Refusal } from '#decider';

export const defaultStore = 'default';
/** The one that is used without a name, under the names it may be given. */
const defaultNames: readonly string[] = [defaultStore, 'outputs'];

/** Of the rendered `environment`: `persistence.outputs`, or the newer `artifact_refs`. One experiment has one outputs path, so both must mean one store. */
export function storeOf({ artifact_refs: stores, persistence }: Readonly<Record<string, unknown>>): string {
  const { outputs: older } = (persistence ?? {}) as { outputs?: unknown };
  const named = new Set([...namesIn(stores), ...namesIn(older)].map((name) => (defaultNames.includes(name) ? defaultStore : name)));
  const [first = defaultStore, second] = named;
  if (second !== undefined) throw new Refusal('reference-invalid', `environment.persistence.outputs: outputs are kept in one store, not in ${first} and ${second}`, 'take one out of the polyaxonfile');
  return first;
}

/** As events have it. */
export function recorded(store: string): { readonly outputsStore?: string } {
  return store === defaultStore ? {} : { outputsStore: store };
}

function namesIn(value: unknown): string[] {
  const list = Array.isArray(value) ? (value as readonly unknown[]) : value === undefined || value === null ? [] : [value];
  return list.map((one) => (typeof one === 'string' ? one : String((one as { name?: unknown } | null)?.name)));
}
