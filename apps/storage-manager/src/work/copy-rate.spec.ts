// Does a copy tell its speed, and how long it will still take?
import { CopyRate } from './copy-rate.ts';

const mb = 1_000_000;
const at = (bytesDone: number, bytes = 100 * mb) => ({ filesDone: 0, files: 1, bytesDone, bytes });

it('is known after a moment, and is that of the last seconds', () => {
  const rate = new CopyRate();
  expect(rate.body(at(0), 0)).toMatchObject({ bytes_per_second: null, seconds_left: null });
  expect(rate.body(at(10 * mb), 1000)).toMatchObject({ bytes_per_second: 10 * mb, seconds_left: 9 });
  for (let second = 2; second <= 30; second += 1) rate.body(at(10 * mb + second * mb), second * 1000);
  expect(rate.body(at(41 * mb), 31_000)).toMatchObject({ bytes_per_second: mb, seconds_left: 59 });
});

it('does not count what a former copier did', () => {
  const rate = new CopyRate();
  rate.body(at(90 * mb), 0);
  expect(rate.body(at(91 * mb), 1000)).toMatchObject({ bytes_done: 91 * mb, bytes_per_second: mb, seconds_left: 9 });
});

it('of one that stands still has no end', () => {
  const rate = new CopyRate();
  rate.body(at(5 * mb), 0);
  expect(rate.body(at(5 * mb), 20_000)).toMatchObject({ bytes_per_second: 0, seconds_left: null });
});

it('begins again when some of it has to be copied again', () => {
  const rate = new CopyRate();
  rate.body(at(50 * mb), 0);
  expect(rate.body(at(20 * mb), 1000)).toMatchObject({ bytes_per_second: null });
  expect(rate.body(at(22 * mb), 2000)).toMatchObject({ bytes_per_second: 2 * mb, seconds_left: 39 });
});
