// How do the training frameworks get onto this machine, once, so that trainings can be tested with the real ones?
import { provideOnce } from '../cache.ts';
import { frameworkFolder, type FrameworkName } from './frameworks.ts';
import type { Tell } from '../program.ts';
import { makePytorch } from './pytorch.ts';
import { makeTensorflow } from './tensorflow.ts';

/** Quick when it is there. */
export async function provideFramework(name: FrameworkName, tell: Tell): Promise<void> {
  await provideOnce(frameworkFolder(name), async (into, scratch) => {
    await (name === 'tensorflow' ? makeTensorflow(into, tell) : makePytorch(into, scratch, tell));
    tell(`${name} is there`);
  });
}
