// Do trainings with the real PyTorch go on where they were stopped?
import { Person, withFramework } from './person.ts';
import { story } from './story.ts';

withFramework('pytorch', () => {
  let person: Person;

  beforeAll(async () => {
    person = await Person.start('pytorch');
  }, 120_000);
  afterAll(() => person.platform.remove(), 60_000);

  describe('state_dict', () => story(() => person, { example: 'pytorch_state', counts: 'epochs', every: 1, recognised: 'pytorch', checkpoint: () => 'checkpoint.pth', tells: null }));
  describe('whole model', () =>
    story(() => person, { example: 'pytorch_model', counts: 'epochs', every: 1, recognised: 'pytorch', checkpoint: (epoch) => `checkpoint${epoch}.pth`, cuts: (epoch) => `checkpoint${epoch}.pth` }));
});
