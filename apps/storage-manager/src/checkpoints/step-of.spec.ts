// Is the step in a name found, and no other number taken for it?
import { stepOf } from './step-of.ts';

describe('the step in a name', () => {
  it.each([
    ['checkpoint1.pth', 1],
    ['checkpoint20.pth', 20],
    ['model.ckpt-1234', 1234],
    ['weights.05-0.32.hdf5', 5],
    ['epoch=3-step=400.ckpt', 400],
    ['cp-0007.weights.h5', 7],
    ['checkpoints/epoch-00012.json', 12],
    ['checkpoint-500/pytorch_model.bin', 500],
    ['model_epoch_9.pt', 9],
    ['iter_000040.pt', 40],
    ['00031.pt', 31],
    ['global_step120.safetensors', 120],
    ['resnet50.pth', null],
    ['model.pt', null],
    ['best_0.93.h5', null],
  ])('%s is at %p', (path, step) => expect(stepOf(path)).toBe(step));
});
