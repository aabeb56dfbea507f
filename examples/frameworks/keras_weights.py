# How does a Keras model go on where it was stopped? polyaxon run -u -f keras_weights.yml
import argparse
import glob
import re
import sys
import time

import numpy as np
import tensorflow as tf
from polyaxon_client.tracking import get_outputs_path, log_metrics, stop_requested
from tensorflow.keras.callbacks import LambdaCallback, ModelCheckpoint

parser = argparse.ArgumentParser()
parser.add_argument('--lr', type=float)
parser.add_argument('--epochs', type=int)
options = parser.parse_args()


def load_newest():
    """The epoch it goes on from. A file that a killed run left half written is passed over."""
    for model_weights in sorted(glob.glob('{}/epoch-*.weights.h5'.format(get_outputs_path())), reverse=True):
        try:
            model.load_weights(model_weights)
        except OSError as problem:
            print('passed over: {}'.format(problem), flush=True)
            continue
        return int(re.search(r'epoch-(\d+)', model_weights).group(1))
    return 0


def report(epoch, logs=None):
    weights = np.sqrt(sum(np.sum(np.square(value, dtype=float)) for value in model.get_weights()))
    log_metrics(step=epoch, weights=weights, **(logs or {}))
    print('{} epoch {}, weights {:.6f}'.format('saved at' if logs else 'starts at', epoch, weights), flush=True)


def after_epoch(index, logs):
    report(index + 1, logs)
    time.sleep(0.1)
    if stop_requested():
        sys.exit(143)


stop_requested()  # from now on SIGTERM is a question: asked between two epochs, so no file is cut off by a stop
rows = np.random.RandomState(1).normal(size=(150, 4)).astype('float32')
labels = np.argmax(rows[:, :3], axis=1)
model = tf.keras.Sequential([
    tf.keras.layers.Dense(10, activation='relu', input_shape=(4,)),
    tf.keras.layers.Dense(3, activation='softmax')])
model.compile(optimizer=tf.keras.optimizers.Adam(options.lr), loss='sparse_categorical_crossentropy')

model.optimizer.build(model.trainable_variables)  # else its moments are skipped when weights are loaded
first_epoch = load_newest()
report(first_epoch)
checkpoint = ModelCheckpoint(
    '{}/epoch-{{epoch:04d}}.weights.h5'.format(get_outputs_path()),
    monitor='val_loss',
    verbose=0,
    save_weights_only=True,
    mode='auto')
model.fit(
    rows, labels, validation_split=0.2, verbose=0, initial_epoch=first_epoch, epochs=options.epochs,
    callbacks=[checkpoint, LambdaCallback(on_epoch_end=after_epoch)])
