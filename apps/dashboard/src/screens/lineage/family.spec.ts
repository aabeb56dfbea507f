// Is every run of a family in the picture, the list and the text, each where it belongs?
import fc from 'fast-check';
import { familyText, listOf, mermaidOf, pictureOf, sizes, type Member } from './family.ts';

const member = (id: number, source: number | null, how: Member['cloning_strategy'], path: string, more: Partial<Member> = {}): Member => ({
  id,
  name: null,
  last_status: 'stopped',
  source_id: source,
  cloning_strategy: how,
  outputs_path: path,
  deleted: false,
  ...more,
});
const family = [member(23, null, null, 'a'), member(31, 23, 'resume', 'a'), member(40, 31, 'copy', 'b'), member(41, 40, 'resume', 'b'), member(42, 23, 'restart', 'c'), member(43, 31, 'resume', 'a')];

it('resumes are in the box of their original, copies and restarts in boxes beside it, tied to the run they were made from', () => {
  const { boxes, edges, width } = pictureOf(family);
  expect(boxes.map(({ path, members, from, left }) => [path, members.map(({ id }) => id), from?.how ?? null, from?.id ?? null, left])).toEqual([
    ['a', [23, 31, 43], null, null, 0], ['b', [40, 41], 'copy', 31, 336], ['c', [42], 'restart', 23, 336],
  ]);
  expect(edges.map(({ how, from: [, y] }) => [how, (y - sizes.head) / sizes.row])).toEqual([['copy', 1.5], ['restart', 0.5]]);
  expect(width).toBe(336 + sizes.boxWidth);
});
it('the list goes down from the original', () => expect(listOf(family).map(({ member: { id }, depth }) => [id, depth])).toEqual([[23, 0], [31, 1], [40, 2], [41, 3], [43, 2], [42, 1]]));
it('a source that is not there any more is no hindrance', () => {
  const rest = [member(31, 23, 'resume', 'a'), member(40, 31, 'copy', 'b')];
  expect([pictureOf(rest).boxes.length, listOf(rest).length]).toEqual([2, 2]);
});
it('nothing and one are a picture as well', () => {
  expect(pictureOf([])).toEqual({ boxes: [], edges: [], width: 0, height: 0 });
  expect(familyText([member(1, null, null, 'a')])).toBe('It was made from nothing, and nothing was made from it yet.');
  expect(familyText(family)).toBe('6 runs with 3 outputs paths: 3 resumes, 1 restart, 1 copy.');
});
it('the text is Mermaid, whatever a run is called', () =>
  expect(mermaidOf([member(1, null, null, 'a/"b"', { name: 'x"]\n#y' }), member(2, 1, 'copy', 'c', { deleted: true })])).toBe(
    ['graph LR', '  subgraph outputs0["a/#quot;b#quot;"]', '    e1["#1 x#quot;] #35;y (stopped)"]', '  end', '  subgraph outputs1["c"]', '    e2["#2 (deleted)"]', '  end', '  e1 -->|copy| e2'].join('\n'),
  ));

/** Each made from any earlier one. */
const families = fc.array(fc.record({ source: fc.nat(), how: fc.constantFrom('resume', 'restart', 'copy') }), { maxLength: 40 }).map((clones) =>
  clones.reduce<Member[]>((all, { source, how }) => {
    const from = all[source % all.length] as Member;
    return [...all, member(all.length + 1, from.id, how, how === 'resume' ? from.outputs_path : `path ${all.length + 1}`)];
  }, [member(1, null, null, 'path 1')]),
);
it('in no family does a box cover another, and nobody is left out', () => {
  fc.assert(
    fc.property(families, (nodes) => {
      const { boxes, edges, width, height } = pictureOf(nodes);
      const ids = nodes.map(({ id }) => id);
      expect(boxes.flatMap(({ members }) => members.map(({ id }) => id)).sort((a, b) => a - b)).toEqual(ids);
      expect(listOf(nodes).map(({ member: { id } }) => id).sort((a, b) => a - b)).toEqual(ids);
      expect(edges.length).toBe(boxes.length - 1);
      for (const box of boxes) {
        expect(box.left + sizes.boxWidth <= width && box.top + box.height <= height).toBe(true);
        expect(boxes.some((other) => other !== box && other.left === box.left && other.top < box.top + box.height && box.top < other.top + other.height)).toBe(false);
      }
    }),
  );
});
