# Does the training lose nothing when it is stopped, killed, copied or given other params?
import collections
import contextlib
import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

IRIS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CLIENT = os.path.join(IRIS, '..', '..', 'clients', 'python')


class TrainTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.outputs = os.path.join(folder.name, '23')
        self.copied_outputs = os.path.join(folder.name, '31')

    def start(self, outputs, *options, **variables):
        environment = {name: value for name, value in os.environ.items() if not name.startswith('POLYAXON_')}
        environment.update({'PYTHONPATH': CLIENT, 'POLYAXON_IS_MANAGED': 'true', 'POLYAXON_RUN_OUTPUTS_PATH': outputs})
        environment.update(variables)
        return subprocess.Popen(
            [sys.executable, os.path.join(IRIS, 'train.py')] + list(options), env={k: v for k, v in environment.items() if v is not None},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)

    def train(self, outputs, *options, **variables):
        """What a whole training prints, and what its checkpoint says."""
        training = self.start(outputs, *options, **variables)
        printed, problems = training.communicate(timeout=60)
        self.assertEqual(training.returncode, 0, problems)
        return printed, self.checkpoint(outputs)

    def interrupt(self, outputs, with_signal, after_epoch, *options):
        """Gives the exit code, and how long the program took to leave."""
        training = self.start(outputs, '--epoch-seconds=0.05', *options)
        with contextlib.closing(training.stdout), contextlib.closing(training.stderr):
            for line in training.stdout:
                if line.startswith('epoch') and int(re.search(r'\d+', line).group()) == after_epoch:
                    break
            began = time.monotonic()
            training.send_signal(with_signal)
            training.stdout.read()
            return training.wait(timeout=30), time.monotonic() - began

    def checkpoint(self, outputs):
        with open(os.path.join(outputs, 'checkpoint.json')) as file:
            return json.load(file)

    def test_it_learns(self):
        printed, checkpoint = self.train(self.outputs)
        self.assertIn('starting at epoch 0\n', printed)
        self.assertGreaterEqual(float(re.findall(r'accuracy ([\d.]+)', printed)[-1]), 0.95)
        self.assertEqual((checkpoint['epoch'], checkpoint['step']), (30, 240))
        self.assertEqual(sorted(os.listdir(os.path.join(self.outputs, 'checkpoints'))), ['epoch-000{}.json'.format(n) for n in (28, 29, 30)])

    def test_stopped_and_resumed_it_ends_with_the_very_weights_of_one_that_was_not(self):
        _, expected = self.train(self.copied_outputs)
        code, seconds = self.interrupt(self.outputs, signal.SIGTERM, 7)
        self.assertEqual(code, 143)
        self.assertLess(seconds, 1)
        stopped = self.checkpoint(self.outputs)
        self.assertTrue(7 <= stopped['epoch'] < 30, stopped['epoch'])
        printed, resumed = self.train(self.outputs, POLYAXON_CLONING_STRATEGY='resume')
        self.assertIn('resuming from epoch {} (checkpoint.json)\n'.format(stopped['epoch']), printed)
        for part in ('weights', 'velocity', 'random_state', 'epoch', 'step'):
            self.assertEqual(resumed[part], expected[part], part)
        self.assertEqual([(start['started_at_epoch'], start['cloning_strategy']) for start in resumed['history']],
                         [(0, None), (stopped['epoch'], 'resume')])

    def test_killed_at_any_moment_it_can_be_resumed_to_the_same_end(self):
        _, expected = self.train(self.copied_outputs)
        for after_epoch in (1, 4, 9):
            self.interrupt(self.outputs, signal.SIGKILL, after_epoch)
        _, resumed = self.train(self.outputs)
        self.assertEqual(resumed['weights'], expected['weights'])
        self.assertEqual(len(resumed['history']), 4)

    def test_a_damaged_checkpoint_is_passed_over(self):
        _, expected = self.train(self.outputs, '--epochs=10')
        for name in ('checkpoint.json', 'checkpoints/epoch-00010.json'):
            with open(os.path.join(self.outputs, name), 'r+') as file:
                file.truncate(100)
        printed, resumed = self.train(self.outputs, '--epochs=10')
        self.assertIn('resuming from epoch 9 (checkpoints/epoch-00009.json)', printed)
        self.assertEqual(resumed['weights'], expected['weights'])

    def test_a_copy_goes_on_with_other_params_and_leaves_its_original_alone(self):
        self.train(self.outputs, '--epochs=10')
        shutil.copytree(self.outputs, self.copied_outputs)
        before = self.checkpoint(self.outputs)
        info = json.dumps({'project_name': 'mona.iris', 'experiment_name': 'mona.iris.31'})
        printed, copied = self.train(self.copied_outputs, POLYAXON_PARAMS='{"lr": 0.2, "epochs": 20}', POLYAXON_CLONING_STRATEGY='copy',
                                     POLYAXON_EXPERIMENT_INFO=info)
        self.assertIn('resuming from epoch 10 (checkpoint.json)', printed)
        self.assertEqual(copied['history'][-1], {
            'experiment': 'mona.iris.31', 'cloning_strategy': 'copy', 'started_at_epoch': 10, 'started_at_step': 80, 'lr': 0.2})
        self.assertEqual(self.checkpoint(self.outputs), before)

    def test_the_command_line_overrides_the_params(self):
        _, checkpoint = self.train(self.outputs, '--lr=0.3', POLYAXON_PARAMS='{"lr": 0.1, "epochs": "2", "batch_size": 8}')
        self.assertEqual([checkpoint['settings'][name] for name in ('lr', 'epochs', 'batch_size')], [0.3, 2, 8])

    def test_it_has_nothing_to_do_when_it_is_done(self):
        _, before = self.train(self.outputs, '--epochs=3')
        printed, after = self.train(self.outputs, '--epochs=3')
        self.assertEqual(printed, 'resuming from epoch 3 (checkpoint.json)\ndone after epoch 3\n')
        self.assertEqual(after, before)

    def test_another_shape_than_the_checkpoint_has_is_refused(self):
        self.train(self.outputs, '--epochs=1')
        training = self.start(self.outputs, '--hidden=5')
        _, problems = training.communicate(timeout=60)
        self.assertEqual(training.returncode, 1)
        self.assertIn('8 hidden units, the params ask for 5', problems)

    def test_it_runs_without_the_platform_when_told_to(self):
        training = self.start(self.outputs, '--epochs=1', POLYAXON_NO_OP='1', POLYAXON_IS_MANAGED=None, POLYAXON_RUN_OUTPUTS_PATH=None)
        printed, problems = training.communicate(timeout=60)
        self.assertEqual((training.returncode, problems), (0, ''))
        self.assertIn('done after epoch 1', printed)


class DataTest(unittest.TestCase):
    def test_it_is_the_data_set_of_fisher(self):
        with open(os.path.join(IRIS, 'iris.csv')) as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(collections.Counter(row['species'] for row in rows), {'setosa': 50, 'versicolor': 50, 'virginica': 50})
        means = [round(sum(float(row[name]) for row in rows) / 150, 4) for name in list(rows[0])[:4]]
        self.assertEqual(means, [5.8433, 3.0573, 3.758, 1.1993])
        # The two rows that the copy of the UCI repository has wrong.
        self.assertEqual([list(rows[index].values())[:4] for index in (34, 37)], [['4.9', '3.1', '1.5', '0.2'], ['4.9', '3.6', '1.4', '0.1']])
