// Does nothing move under a pointer, and is nothing lost or doubled?
import { shownRows } from './shown-rows.ts';

const rows = (...named: string[]) => named.map((name) => ({ id: Number(name.slice(0, 1)), name }));

it('nobody reads: as it is now', () => expect(shownRows(rows('1a', '2a'), rows('3a', '1b', '2a'), false)).toEqual({ rows: rows('3a', '1b', '2a'), held: 0 }));
it('somebody reads: in place, and the new one is counted', () => expect(shownRows(rows('1a', '2a'), rows('3a', '1b', '2a'), true)).toEqual({ rows: rows('1b', '2a'), held: 1 }));
it('only what is in the rows has changed', () => expect(shownRows(rows('1a', '2a'), rows('1b', '2b'), true)).toEqual({ rows: rows('1b', '2b'), held: 0 }));
it('they have changed places', () => expect(shownRows(rows('1a', '2a'), rows('2a', '1a'), true)).toEqual({ rows: rows('1a', '2a'), held: 1 }));
it('one has gone: it stays until the reader leaves', () => expect(shownRows(rows('1a', '2a'), rows('1a'), true)).toEqual({ rows: rows('1a', '2a'), held: 1 }));
it('the first ones are shown at once', () => expect(shownRows([], rows('1a'), true)).toEqual({ rows: rows('1a'), held: 0 }));
