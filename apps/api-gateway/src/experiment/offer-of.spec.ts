// What is said of the checkpoint that an experiment was given, whatever was seen of it?
import { offerOf } from './offer-of.ts';

const offered = { path: 'step-7.pt', step: 7 };
const prepared = (attempt?: number) => ({ type: 'OutputsPrepared', data: { ...(attempt && { attempt }), checkpoint: { offered, parts: [], setAside: [] } } });
const seen = (read: string, attempt = 1) => ({ type: 'RunCheckpointSeen', data: { attempt, read, how: `seen: ${read}` } });
const reported = (read: string, attempt = 1) => ({ type: 'ExperimentCheckpointReported', data: { attempt, read, how: `reported: ${read}` } });
const readOf = (...history: { type: string; data: Record<string, unknown> }[]) => offerOf(history)?.read_how;

it('nothing was given', () => expect(offerOf([{ type: 'OutputsPrepared', data: {} }])).toBeNull());
it('nothing is known yet', () => expect(offerOf([prepared()])).toMatchObject({ offered, read: 'unknown', read_how: null }));
it('what was seen of its files', () => expect(offerOf([prepared(), seen('not-read')])).toMatchObject({ read: 'not-read', read_how: 'seen: not-read' }));
it('it began at zero, although its files were read', () => expect(readOf(prepared(), seen('read'), reported('started-at-zero'))).toBe('reported: started-at-zero'));
it('the program says itself that it did', () => expect(readOf(prepared(), reported('read'), reported('started-at-zero'), seen('not-read'))).toBe('reported: read'));
it('of the latest attempt', () => {
  expect(readOf(prepared(), seen('read'), reported('read'), prepared(2))).toBeNull();
  expect(readOf(prepared(), seen('not-read'), prepared(2), seen('read', 2))).toBe('seen: read');
});
