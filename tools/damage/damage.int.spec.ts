// Is as much damage to checkpoints found out as docs/checkpoint-damage.md says, and as was found once?
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formats, goldenFiles, sharesOf } from './measure.ts';

const golden = join(dirname(fileURLToPath(import.meta.url)), '../../apps/storage-manager/src/checkpoints/golden/files');
/** In percent, below what was measured; `one bit` says whether contents are compared with checksums, and these files are so small that much of them is padding. */
const floors: Readonly<Record<string, { readonly zeroed: number; readonly 'one bit': number }>> = {
  'ckpt-7': { zeroed: 100, 'one bit': 90 },
  'epoch-0003.h5': { zeroed: 55, 'one bit': 1 },
  'epoch-0003.weights.h5': { zeroed: 80, 'one bit': 2 },
  'epoch-0003.keras': { zeroed: 95, 'one bit': 95 },
  'epoch-5.pth': { zeroed: 85, 'one bit': 45 },
  'epoch-6.legacy.pt': { zeroed: 88, 'one bit': 30 },
  'step-8.jit.pt': { zeroed: 85, 'one bit': 55 },
  'model-step-11.safetensors': { zeroed: 18, 'one bit': 12 },
  'checkpoint-4': { zeroed: 92, 'one bit': 60 },
  'step-9.dcp': { zeroed: 88, 'one bit': 55 },
};

it.each(formats.map((format) => [format.title, format] as const))('%s', async (_, format) => {
  const shares = await sharesOf(format, await goldenFiles(golden, format), { times: 60, seed: 7 });
  const percent = Object.fromEntries(shares.map(({ kind, tried, caught }) => [kind, (100 * caught) / tried]));
  const { zeroed, 'one bit': bit } = floors[format.path]!;
  expect(percent['cut off']).toBe(100);
  expect(percent.zeroed).toBeGreaterThanOrEqual(zeroed);
  expect(percent['one bit']).toBeGreaterThanOrEqual(bit);
  if (format.path === 'ckpt-7' || format.path === 'step-9.dcp') expect(percent['file missing']).toBe(100);
});
