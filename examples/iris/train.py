# What does a training look like that loses nothing when it is stopped?
"""
A small neural network learns to tell three species of iris apart: one hidden layer, mini-batch SGD with momentum, plain Python.

Every epoch ends with a checkpoint that holds everything the next epoch depends on: the weights, their velocity, the
position, and the state of the random numbers that shuffle the rows. So a training that was stopped and resumed ends with the very weights
of one that was not.
"""

import argparse
import csv
import glob
import json
import math
import os
import random
import sys
import time

from polyaxon_client.tracking import Experiment, atomic_write, get_cloning_strategy, get_experiment_info, get_outputs_path, get_params
from polyaxon_client.tracking import latest_checkpoint, log_metrics, stop_requested

DEFAULTS = {'lr': 0.05, 'momentum': 0.9, 'epochs': 30, 'batch_size': 16, 'hidden': 8, 'seed': 1, 'epoch_seconds': 0.0}
SPECIES = ('setosa', 'versicolor', 'virginica')
CHECKPOINTS_KEPT = 3
STOPPED_BY_SIGTERM = 128 + 15


def main():
    settings = read_settings()
    Experiment()
    train_rows, test_rows = read_rows(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'iris.csv'))
    training = load_training(settings)
    while training['epoch'] < settings['epochs']:
        if stop_requested():
            print('stopped after epoch {}; a resume goes on from there'.format(training['epoch']), flush=True)
            sys.exit(STOPPED_BY_SIGTERM)
        began = time.monotonic()
        loss = train_epoch(training, train_rows, settings)
        accuracy = measure_accuracy(training['weights'], test_rows)
        save(training, settings)
        log_metrics(step=training['step'], epoch=training['epoch'], loss=loss, accuracy=accuracy)
        print('epoch {:>3}/{}  step {:>5}  loss {:.4f}  accuracy {:.3f}'.format(
            training['epoch'], settings['epochs'], training['step'], loss, accuracy), flush=True)
        rest_until(began + settings['epoch_seconds'])
    print('done after epoch {}'.format(training['epoch']), flush=True)


def read_settings():
    """The defaults, then the experiment's params, then the command line."""
    parser = argparse.ArgumentParser(description='Learns to tell three species of iris apart.')
    for name, default in DEFAULTS.items():
        parser.add_argument('--' + name.replace('_', '-'), '--' + name, dest=name, type=type(default))
    given = vars(parser.parse_args())
    params = get_params() or {}
    settings = {name: type(default)(params.get(name, default)) for name, default in DEFAULTS.items()}
    settings.update({name: value for name, value in given.items() if value is not None})
    return settings


def read_rows(path):
    """(inputs, class) pairs, inputs scaled to mean 0 and deviation 1. Every fifth row, 10 of each species, is kept for the test."""
    with open(path) as file:
        records = list(csv.DictReader(file))
    columns = []
    for name in list(records[0])[:4]:
        column = [float(record[name]) for record in records]
        mean = math.fsum(column) / len(column)
        deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in column) / len(column))
        columns.append([(value - mean) / deviation for value in column])
    rows = [(inputs, SPECIES.index(record['species'])) for inputs, record in zip(zip(*columns), records)]
    return [row for index, row in enumerate(rows) if index % 5], rows[::5]


def load_training(settings):
    """Where the newest readable checkpoint left off, or the beginning."""
    training = None
    for path in filter(None, [latest_checkpoint('checkpoint.json')] + kept_checkpoints()[::-1]):
        name = os.path.relpath(path, get_outputs_path())
        try:
            with open(path) as file:
                training = json.load(file)
            print('resuming from epoch {} ({})'.format(training['epoch'], name), flush=True)
            break
        except ValueError:
            print('{} is damaged, trying an older one'.format(name), flush=True)
    if training is None:
        training = new_training(settings)
        print('starting at epoch 0', flush=True)
    hidden = len(training['weights']['hidden'])
    if hidden != settings['hidden']:
        sys.exit('the checkpoint has {} hidden units, the params ask for {}: only a restart without --copy can change that'.format(
            hidden, settings['hidden']))
    training['history'].append({
        'experiment': (get_experiment_info() or {}).get('experiment_name'),
        'cloning_strategy': get_cloning_strategy(),
        'started_at_epoch': training['epoch'],
        'started_at_step': training['step'],
        'lr': settings['lr'],
    })
    return training


def new_training(settings):
    chance = random.Random(settings['seed'])

    def layer(units, inputs):
        """One row a unit; the last number of a row is its bias."""
        return [[chance.gauss(0, 1 / math.sqrt(inputs)) for _ in range(inputs)] + [0.0] for _ in range(units)]

    weights = {'hidden': layer(settings['hidden'], 4), 'output': layer(len(SPECIES), settings['hidden'])}
    velocity = zeros_like(weights)
    return {'epoch': 0, 'step': 0, 'weights': weights, 'velocity': velocity, 'random_state': chance.getstate(), 'history': []}


def train_epoch(training, rows, settings):
    """Changes `training` by one pass over the rows; gives the mean loss."""
    chance = random.Random()
    version, internal, gauss_next = training['random_state']
    chance.setstate((version, tuple(internal), gauss_next))
    shuffled = chance.sample(rows, len(rows))
    losses = []
    for start in range(0, len(shuffled), settings['batch_size']):
        batch = shuffled[start:start + settings['batch_size']]
        gradients, batch_losses = measure_gradients(training['weights'], batch)
        descend(training, gradients, settings['lr'], settings['momentum'])
        losses.extend(batch_losses)
        training['step'] += 1
    training['epoch'] += 1
    training['random_state'] = chance.getstate()
    return math.fsum(losses) / len(losses)


def measure_gradients(weights, batch):
    """The mean gradient of the cross entropy, and the loss of each row."""
    gradients = zeros_like(weights)
    losses = []
    for inputs, species in batch:
        hidden, probabilities = forward(weights, inputs)
        losses.append(-math.log(max(probabilities[species], 1e-300)))
        output_errors = [(probability - (index == species)) / len(batch) for index, probability in enumerate(probabilities)]
        hidden_errors = [
            (1 - value * value) * sum(error * unit[index] for error, unit in zip(output_errors, weights['output']))
            for index, value in enumerate(hidden)
        ]
        add_gradient(gradients['output'], output_errors, hidden)
        add_gradient(gradients['hidden'], hidden_errors, inputs)
    return gradients, losses


def add_gradient(gradient, errors, inputs):
    for unit, error in zip(gradient, errors):
        for index, value in enumerate(inputs):
            unit[index] += error * value
        unit[-1] += error


def descend(training, gradients, lr, momentum):
    for name, layer in gradients.items():
        for weights, velocity, slopes in zip(training['weights'][name], training['velocity'][name], layer):
            for index, slope in enumerate(slopes):
                velocity[index] = momentum * velocity[index] + slope
                weights[index] -= lr * velocity[index]


def zeros_like(weights):
    return {name: [[0.0] * len(unit) for unit in layer] for name, layer in weights.items()}


def forward(weights, inputs):
    hidden = [math.tanh(weigh(unit, inputs)) for unit in weights['hidden']]
    scores = [weigh(unit, hidden) for unit in weights['output']]
    highest = max(scores)
    exponentials = [math.exp(score - highest) for score in scores]
    total = sum(exponentials)
    return hidden, [exponential / total for exponential in exponentials]


def weigh(unit, inputs):
    return unit[-1] + sum(weight * value for weight, value in zip(unit, inputs))


def measure_accuracy(weights, rows):
    right = 0
    for inputs, species in rows:
        _, probabilities = forward(weights, inputs)
        right += probabilities.index(max(probabilities)) == species
    return right / len(rows)


def save(training, settings):
    """`checkpoint.json` is the newest; beside it the last few, in case one is damaged."""
    text = json.dumps(dict(training, settings=settings))
    for name in ('checkpoints/epoch-{:05d}.json'.format(training['epoch']), 'checkpoint.json'):
        with atomic_write(name) as path, open(path, 'w') as file:
            file.write(text)
    for path in kept_checkpoints()[:-CHECKPOINTS_KEPT]:
        os.remove(path)


def kept_checkpoints():
    """Oldest first."""
    if get_outputs_path() is None:
        return []
    return sorted(glob.glob(os.path.join(glob.escape(get_outputs_path()), 'checkpoints', 'epoch-*.json')))


def rest_until(moment):
    """Makes an epoch last as long as one of a real training, but a stop does not have to wait for it."""
    while time.monotonic() < moment and not stop_requested():
        time.sleep(max(0.0, min(0.02, moment - time.monotonic())))


if __name__ == '__main__':
    stop_requested()  # from here on, SIGTERM asks instead of ending the program
    main()
