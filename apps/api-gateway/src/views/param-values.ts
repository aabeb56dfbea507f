// By which names and values are the params of an experiment found?
import type { Target } from './view.ts';

const indexedLength = 200;
const real = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
const infinite = /^([-+]?)inf(inity)?$/i;

export interface ParamValue {
  readonly name: string;
  readonly text: string;
  readonly number: number | null;
}

/** `{optimizer: {lr: 0.1}}` is found as `optimizer.lr`; a list as its text, and nothing where there is null. */
export function paramValues(params: Readonly<Record<string, unknown>>): ParamValue[] {
  const found = new Map<string, ParamValue>();
  const add = (prefix: string, of: Readonly<Record<string, unknown>>): void => {
    for (const [key, value] of Object.entries(of)) {
      const name = `${prefix}${key}`;
      if (value === null || value === undefined) continue;
      if (typeof value === 'object' && !Array.isArray(value)) add(`${name}.`, value as Record<string, unknown>);
      else found.set(name.slice(0, indexedLength), valueOf(name.slice(0, indexedLength), value));
    }
  };
  add('', params);
  return [...found.values()];
}

/** Beside the row of the experiment, which must be there. */
export async function keepParams(experimentId: number, params: Readonly<Record<string, unknown>>, { on, schema }: Target): Promise<void> {
  const values = paramValues(params);
  if (values.length === 0) return;
  await on.query(
    `INSERT INTO ${schema}.experiment_params (experiment_id, project_id, name, text, number)
     SELECT e.id, e.project_id, p.name, p.text, p.number FROM ${schema}.experiments e, unnest($2::text[], $3::text[], $4::float8[]) AS p (name, text, number)
     WHERE e.id = $1 AND NOT e.deleted ON CONFLICT DO NOTHING`,
    [experimentId, values.map(({ name }) => name), values.map(({ text }) => text), values.map(({ number }) => number)],
  );
}

function valueOf(name: string, value: unknown): ParamValue {
  const written = typeof value === 'string' ? value : JSON.stringify(value);
  const text = written.slice(0, indexedLength);
  return { name, text, number: numberOf(written.trim()) };
}

/** Of what looks like one: a param that was given on the command line is text. */
function numberOf(text: string): number | null {
  const sign = infinite.exec(text)?.[1];
  if (sign !== undefined) return sign === '-' ? -Infinity : Infinity;
  return real.test(text) ? Number(text) : null;
}
