// Where does a run come from, and what was made from it: as boxes, as a list, as text?
import type { LineageBody } from '#contracts';

export type Member = LineageBody['nodes'][number];

/** An original and all its resumes, which write one outputs path. */
export interface Box {
  readonly path: string;
  readonly members: readonly Member[];
  /** Of another box: from which run it was made, and how. */
  readonly from: { readonly id: number; readonly how: string } | null;
  readonly left: number;
  readonly top: number;
  readonly height: number;
}

export interface Edge {
  readonly path: string;
  readonly how: string;
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
}

export interface Picture {
  readonly boxes: readonly Box[];
  readonly edges: readonly Edge[];
  readonly width: number;
  readonly height: number;
}

/** In pixels. */
export const sizes = { boxWidth: 240, row: 30, head: 34, betweenColumns: 96, betweenBoxes: 20 } as const;
/** Beyond it nobody finds anything in a picture. */
export const drawnMax = 200;

/** Generations from left to right; each box stands at the top of all that was made from it, so that none covers another. */
export function pictureOf(nodes: readonly Member[]): Picture {
  const chains = chainsOf(nodes);
  const boxes: Box[] = [];
  const place = (chain: Chain, depth: number, top: number): number => {
    const height = sizes.head + chain.members.length * sizes.row;
    boxes.push({ ...chain, left: depth * (sizes.boxWidth + sizes.betweenColumns), top, height });
    let next = top;
    for (const child of chains.filter(({ from }) => from !== null && chain.members.some(({ id }) => id === from.id))) next = place(child, depth + 1, next) + sizes.betweenBoxes;
    return Math.max(top + height, next - sizes.betweenBoxes);
  };
  let bottom = 0;
  for (const root of chains.filter(({ from }) => from === null)) bottom = place(root, 0, bottom === 0 ? 0 : bottom + sizes.betweenBoxes);
  return { boxes, edges: boxes.flatMap((box) => edgeTo(box, boxes)), width: Math.max(0, ...boxes.map(({ left }) => left + sizes.boxWidth)), height: bottom };
}

function edgeTo({ from, path, left, top }: Box, boxes: readonly Box[]): Edge[] {
  const source = boxes.find(({ members }) => members.some(({ id }) => id === from?.id));
  if (!from || !source) return [];
  const row = source.members.findIndex(({ id }) => id === from.id);
  return [{ path, how: from.how, from: [source.left + sizes.boxWidth, source.top + sizes.head + (row + 0.5) * sizes.row], to: [left, top + sizes.head / 2] }];
}

type Chain = Pick<Box, 'path' | 'members' | 'from'>;

function chainsOf(nodes: readonly Member[]): Chain[] {
  const known = new Set(nodes.map(({ id }) => id));
  const paths = new Map<string, Member[]>();
  for (const node of nodes) paths.set(node.outputs_path, [...(paths.get(node.outputs_path) ?? []), node]);
  return [...paths].map(([path, members]) => {
    const own = new Set(members.map(({ id }) => id));
    const first = members.find(({ source_id: source }) => source === null || !own.has(source));
    const source = first?.source_id ?? null;
    return { path, members, from: source !== null && known.has(source) ? { id: source, how: first?.cloning_strategy ?? 'clone' } : null };
  });
}

/** Each run below the one it was made from. */
export function listOf(nodes: readonly Member[]): { readonly member: Member; readonly depth: number }[] {
  const known = new Set(nodes.map(({ id }) => id));
  const children = new Map<number | null, Member[]>();
  for (const node of nodes) {
    const parent = node.source_id !== null && known.has(node.source_id) ? node.source_id : null;
    children.set(parent, [...(children.get(parent) ?? []), node]);
  }
  const listed: { member: Member; depth: number }[] = [];
  const waiting = [...(children.get(null) ?? [])].reverse().map((member) => ({ member, depth: 0 }));
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { member, depth } = next;
    listed.push(next);
    waiting.push(...[...(children.get(member.id) ?? [])].reverse().map((child) => ({ member: child, depth: depth + 1 })));
  }
  return listed;
}

export function howText({ cloning_strategy: how, source_id: source }: Member): string {
  return source === null ? 'the original' : `${how ?? 'clone'} of #${source}`;
}

/** For a document that shows Mermaid. */
export function mermaidOf(nodes: readonly Member[]): string {
  const boxes = chainsOf(nodes).flatMap(({ path, members }, index) => [
    `  subgraph outputs${index}["${quoted(path)}"]`,
    ...members.map(
      ({ id, name, last_status: status, deleted }) => `    e${id}["#${id}${name ? ` ${quoted(name)}` : ''} (${deleted ? 'deleted' : status.replaceAll('_', ' ')})"]`,
    ),
    '  end',
  ]);
  const known = new Set(nodes.map(({ id }) => id));
  const arrows = nodes.flatMap(({ id, source_id: source, cloning_strategy: how }) => (source !== null && known.has(source) ? [`  e${source} -->|${how ?? 'clone'}| e${id}`] : []));
  return ['graph LR', ...boxes, ...arrows].join('\n');
}

/** What is said of the whole. */
export function familyText(nodes: readonly Member[]): string {
  if (nodes.length < 2) return 'It was made from nothing, and nothing was made from it yet.';
  const outputs = new Set(nodes.map(({ outputs_path: path }) => path)).size;
  const count = (how: string) => nodes.filter(({ cloning_strategy: one }) => one === how).length;
  const kinds = [['resume', 'resumes'], ['restart', 'restarts'], ['copy', 'copies']].flatMap(([one = '', many = '']) => (count(one) > 0 ? [`${count(one)} ${count(one) === 1 ? one : many}`] : []));
  return `${nodes.length} runs with ${outputs === 1 ? 'one outputs path' : `${outputs} outputs paths`}: ${kinds.join(', ') || 'no clones'}.`;
}

function quoted(text: string): string {
  return text.replaceAll('#', '#35;').replaceAll('"', '#quot;').replaceAll(/[\r\n]+/g, ' ');
}
