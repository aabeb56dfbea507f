// Which texts of a value are rendered?
import { isMapping, type Json } from './json.ts';

/** Every text in it, never a key. */
export function renderAll(value: Json, render: (text: string, path: string) => Json, path = ''): Json {
  if (typeof value === 'string') return render(value, path);
  if (Array.isArray(value)) return (value as readonly Json[]).map((item, index) => renderAll(item, render, `${path}[${index}]`));
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renderAll(item, render, path ? `${path}.${key}` : key)]));
}
