// Is a `traceparent` read as W3C Trace Context says, and anything else not at all?
import { expect, it } from '@jest/globals';
import { readTraceparent } from './traceparent.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

it('is read', () => {
  expect(readTraceparent(`00-${traceId}-${spanId}-01`)).toEqual({ traceId, spanId, traceFlags: 1 });
  expect(readTraceparent(`01-${traceId}-${spanId}-00-more`)).toEqual({ traceId, spanId, traceFlags: 0 });
});

it.each([
  undefined, null, 7, '', 'nonsense', `00-${traceId}-${spanId}`, `00-${traceId.toUpperCase()}-${spanId}-01`, `ff-${traceId}-${spanId}-01`, `00-${traceId}-${spanId}-01-more`,
  `00-${'0'.repeat(32)}-${spanId}-01`, `00-${traceId}-${'0'.repeat(16)}-01`, `00-${traceId}-${spanId}-01\n`,
])('%s points nowhere', (text) => expect(readTraceparent(text)).toBeUndefined());
