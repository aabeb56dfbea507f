// Are lines put over one axis without inventing or losing a point?
import { columnsOf, zoomed, zoomIn, zoomText } from './columns.ts';

it('lines over different places share an axis; a gap stays a gap, and what isn’t there is no gap', () =>
  expect(
    columnsOf([
      {
        label: 'a',
        ink: 0,
        points: [
          { x: 3, y: 1 },
          { x: 1, y: 2 },
        ],
      },
      {
        label: 'b',
        ink: 1,
        points: [
          { x: 2, y: null },
          { x: 3, y: 5 },
          { x: 3, y: 6 },
        ],
      },
    ]),
  ).toEqual([
    [1, 2, 3],
    [2, undefined, 1],
    [undefined, null, 6],
  ]));
it('nothing is an empty axis', () => expect(columnsOf([])).toEqual([[]]));
it.each([['3000:3600', [3000, 3600]], ['-1.5:2', [-1.5, 2]], ['5:5', null], ['9:1', null], ['a:b', null], ['', null], [null, null]])('%j is the part %j', (text, zoom) => expect(zoomIn(text)).toEqual(zoom));
it('a part survives the address', () => expect(zoomIn(zoomText([1_767_225_600.124, 1_767_225_660.5]))).toEqual([1_767_225_600.12, 1_767_225_660.5]));
it.each([
  [null, 'in', [25, 75]],
  [[25, 75], 'in', [37.5, 62.5]],
  [[25, 75], 'out', null],
  [[40, 60], 'out', [30, 70]],
  [[0, 50], 'left', [0, 50]],
  [[0, 50], 'right', [25, 75]],
  [[60, 100], 'right', [60, 100]],
  [null, 'out', null],
] as const)('%j, %s, is %j', (zoom, how, expected) => expect(zoomed(zoom, [0, 100], how)).toEqual(expected));
