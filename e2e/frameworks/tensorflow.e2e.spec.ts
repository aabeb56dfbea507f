// Do trainings with the real TensorFlow and Keras go on where they were stopped?
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Person, withFramework } from './person.ts';
import { story } from './story.ts';

/** ModelCheckpoint is given the page's own arguments. */
const asOnThePage = `
import os
import numpy as np
import tensorflow as tf
from tensorflow.keras.callbacks import ModelCheckpoint
from polyaxon_client.tracking import get_outputs_path

rows = np.random.RandomState(1).normal(size=(50, 4))
model = tf.keras.Sequential([tf.keras.layers.Dense(3, input_shape=(4,), activation='softmax')])
model.compile('adam', loss='sparse_categorical_crossentropy')
if os.listdir(get_outputs_path()):
    model.load_weights(get_outputs_path())
    print('loaded', flush=True)
checkpoint = ModelCheckpoint(get_outputs_path(),
                            monitor='val_loss',
                            verbose=0,
                            save_best_only=True,
                            period=1,
                            mode='auto')
model.fit(rows, np.argmax(rows[:, :3], 1), validation_split=0.2, epochs=2, callbacks=[checkpoint], verbose=0)
`;

withFramework('tensorflow', () => {
  let person: Person;

  beforeAll(async () => {
    person = await Person.start('tensorflow');
  }, 120_000);
  afterAll(() => person.platform.remove(), 60_000);

  describe('Estimator', () =>
    story(() => person, { example: 'estimator', counts: 'steps', every: 20, recognised: 'tensorflow', checkpoint: (step) => `model.ckpt-${step}`, cuts: (step) => `model.ckpt-${step}.data-00000-of-00001` }));
  describe('Keras', () => {
    const checkpoint = (epoch: number): string => `epoch-${String(epoch).padStart(4, '0')}.weights.h5`;
    story(() => person, { example: 'keras_weights', counts: 'epochs', every: 1, recognised: 'keras', checkpoint, cuts: checkpoint });

    it('with the outputs path as its file, as on the page: it becomes the folder of a SavedModel, which a resume loads', async () => {
      person.write('page.py', asOnThePage);
      person.write('page.yml', 'version: 1\nkind: experiment\nrun: {cmd: python3 page.py}\n');
      const experiment = await person.types('polyaxon run -u -f page.yml --wait');
      expect(readdirSync(person.outputs(experiment))).toEqual(expect.arrayContaining(['saved_model.pb', 'variables']));
      expect(existsSync(join(person.outputs(experiment), 'variables/variables.index'))).toBe(true);
      const { checkpoint: found } = await person.plan(`polyaxon experiment -xp ${experiment.id} resume`);
      expect(found).toMatchObject({ path: 'variables/variables', framework: 'tensorflow', step: null, complete: true });
      const resumed = await person.types(`polyaxon experiment -xp ${experiment.id} resume --wait`);
      expect(person.platform.log(resumed)).toContain('loaded\n');
    }, 400_000);
  });
});
