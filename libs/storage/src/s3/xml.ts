// What does an XML answer of a store hold, as names and texts?

/** Text as it stands there, what is within, or several of one name. */
export type Value = string | Node | (string | Node)[];
export interface Node {
  readonly [name: string]: Value;
}

/** Declarations and comments are passed over, and attributes: nothing that a store says is in one. */
const tags = /<(?:\?[^>]*\?|!--[^]*?--|(\/?)([A-Za-z_][\w:.-]*)(?:\s[^>]*?)?(\/?))>/g;

interface Open {
  readonly name: string;
  readonly from: number;
  node: Record<string, Value> | undefined;
}

/**
 * A listing has seven thousand elements to a page, and each copied object an answer: a parser for any XML took longer for them than all else that a copy does here.
 * Undefined when it isn't whole.
 */
export function read(xml: string): Node | undefined {
  const root: Open = { name: '', from: 0, node: undefined };
  const open = [root];
  for (const match of xml.matchAll(tags)) {
    const [all, closes, name, isEmpty] = match;
    if (name === undefined) continue;
    const innermost = open[open.length - 1]!;
    if (closes === '/') {
      if (innermost.name !== name || open.length === 1) return undefined;
      open.pop();
      add(open[open.length - 1]!, name, innermost.node ?? xml.slice(innermost.from, match.index));
    } else if (isEmpty === '/') add(innermost, name, '');
    else open.push({ name, from: match.index + all.length, node: undefined });
  }
  return open.length === 1 ? (root.node ?? {}) : undefined;
}

function add(parent: Open, name: string, value: string | Node): void {
  parent.node ??= Object.create(null) as Record<string, Value>;
  const there = parent.node[name];
  if (there === undefined) parent.node[name] = value;
  else if (isSeveral(there)) there.push(value);
  else parent.node[name] = [there, value];
}

function isSeveral(value: Value): value is (string | Node)[] {
  return Array.isArray(value);
}
