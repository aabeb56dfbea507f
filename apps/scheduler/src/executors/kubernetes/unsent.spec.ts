// Is what a pod could not send found in its log, as far as it is there, and nothing else?
import type { V1Pod } from '@kubernetes/client-node';
import { ownLine } from '#storage';
import { restIn, unsentOf } from './unsent.ts';

const path = '/api/v1/mona/iris/experiments/3/console?attempt=1';
const podWith = (end: object | string, annotations: Record<string, string> = { 'polyaxon.io/console': path }): V1Pod => ({
  metadata: { annotations },
  status: { initContainerStatuses: [{ name: 'carrier', state: { terminated: { exitCode: 0, message: typeof end === 'string' ? end : JSON.stringify(end) } } }] },
} as unknown as V1Pod);
const told = (line: string) => `${ownLine}${line}\n`;

describe('what a pod has not sent', () => {
  it('is what its carrier says', () => {
    expect(unsentOf(podWith({ consoleBytes: 3, consoleSizeBytes: 10, echoedBytes: 8 }))).toEqual({ path, fromByte: 3, sizeBytes: 10, echoedBytes: 8 });
    expect(unsentOf(podWith({ consoleBytes: 3, consoleSizeBytes: 10 }))).toEqual({ path, fromByte: 3, sizeBytes: 10, echoedBytes: 0 });
  });
  it.each([
    ['all was sent', podWith({ consoleBytes: 10, consoleSizeBytes: 10, echoedBytes: 10 })],
    ['nothing is said', podWith('')],
    ['it was cut off in the middle of a word', podWith('{"consoleBytes":3,')],
    ['it is of a former scheduler, which did not say where it is sent', podWith({ consoleBytes: 3, consoleSizeBytes: 10, echoedBytes: 8 }, {})],
  ])('is nothing that anybody knows of when %s', (_, pod) => expect(unsentOf(pod)).toBeUndefined());

  it.each([
    ['all of it', 'one\ntwo\n', { fromByte: 0, echoedBytes: 8 }, 'one\ntwo\n'],
    ['what follows on what was sent', 'one\ntwo\n', { fromByte: 5, echoedBytes: 8 }, 'wo\n'],
    ['it among the words of the carrier, which may break a line', `${told('no way')}one\ntw${told('still none')}o\n${told('given up')}`, { fromByte: 0, echoedBytes: 8 }, 'one\ntwo\n'],
    ['it in the newest file of several', 'two\n', { fromByte: 5, echoedBytes: 8 }, 'wo\n'],
    ['nothing that would leave a gap', 'two\n', { fromByte: 3, echoedBytes: 8 }, ''],
    ['nothing of a log that is longer than anybody knows', 'one\ntwo\nError: of the carrier\n', { fromByte: 0, echoedBytes: 8 }, ''],
    ['nothing when the log is empty', '', { fromByte: 0, echoedBytes: 8 }, ''],
    ['nothing when all that the log has was sent', 'one\ntwo\n', { fromByte: 8, echoedBytes: 8 }, ''],
  ])('is in its log: %s', (_, log, of, rest) => expect(restIn(Buffer.from(log), { path, sizeBytes: 10, ...of }).toString()).toBe(rest));
});
