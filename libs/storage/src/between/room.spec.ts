// Is no more on its way than there is room for, and does a large one get its turn?
import { Room } from './room.ts';

it('bounds what is there at once, and lets in what is larger than all of it alone', async () => {
  const room = new Room(10);
  let [inside, most] = [0, 0];
  const pass = (bytes: number) =>
    room.take(bytes, async () => {
      inside += Math.min(bytes, 10);
      most = Math.max(most, inside);
      await new Promise(setImmediate);
      inside -= Math.min(bytes, 10);
      return bytes;
    });
  expect(await Promise.all([3, 25, 4, 0, 7, 10, 1, 9].map(pass))).toEqual([3, 25, 4, 0, 7, 10, 1, 9]);
  expect(most).toBe(10);
});

it('is given back when the work fails', async () => {
  const room = new Room(1);
  await expect(room.take(1, async () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(await room.take(1, async () => 'next')).toBe('next');
});
