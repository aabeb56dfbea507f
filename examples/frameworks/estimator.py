# How does a TensorFlow Estimator go on where it was stopped? polyaxon run -u -f estimator.yml
import argparse
import time

import numpy as np
import tensorflow as tf
from polyaxon_client.tracking import get_outputs_path, log_metrics, stop_requested

SAVE_STEPS = 20

parser = argparse.ArgumentParser()
parser.add_argument('--lr', type=float)
parser.add_argument('--steps', type=int)
options = parser.parse_args()
tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)


class Report(tf.estimator.CheckpointSaverListener):
    """Of each checkpoint; an Estimator saves one before its first step too."""

    def begin(self):
        self.weights = tf.compat.v1.trainable_variables()
        self.what = 'starts at'

    def after_save(self, session, step):
        weights = np.sqrt(sum(np.sum(np.square(value, dtype=float)) for value in session.run(self.weights)))
        log_metrics(step=step, weights=weights)
        print('{} step {}, weights {:.6f}'.format(self.what, step, weights), flush=True)
        self.what = 'saved at'


class LeaveWhenAsked(tf.estimator.SessionRunHook):
    """The Estimator then saves once more: no step is lost."""

    def begin(self):
        self.loss = tf.compat.v1.get_collection(tf.compat.v1.GraphKeys.LOSSES)[-1]

    def before_run(self, run_context):
        return tf.estimator.SessionRunArgs([tf.compat.v1.train.get_global_step(), self.loss])

    def after_run(self, run_context, run_values):
        step, loss = run_values.results
        if step % SAVE_STEPS == 0:
            log_metrics(step=step, loss=loss)
        time.sleep(0.01)
        if stop_requested():
            run_context.request_stop()


def batches():
    rows = np.random.RandomState(1).normal(size=(150, 4)).astype('float32')
    labels = np.argmax(rows[:, :3], axis=1)
    return tf.data.Dataset.from_tensor_slices(({'x': rows}, labels)).shuffle(150).repeat().batch(16)


stop_requested()  # from now on SIGTERM is a question
classifier = tf.estimator.DNNClassifier(
    feature_columns=[tf.feature_column.numeric_column('x', shape=(4,))],
    hidden_units=[10, 10],
    n_classes=3,
    # As a function the learning rate is no part of the checkpoint, so that a resume with another one gets it.
    optimizer=tf.keras.optimizers.legacy.Adam(learning_rate=lambda: options.lr),
    model_dir=get_outputs_path(),
    config=tf.estimator.RunConfig(save_checkpoints_steps=SAVE_STEPS, keep_checkpoint_max=3))
classifier.train(batches, max_steps=options.steps, hooks=[LeaveWhenAsked()], saving_listeners=[Report()])
