# What does a program see and send that Polyaxon started, and what is one told that it didn't?
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from tests.platform_double import platform_double
from tests.program import managed, outside, run


class SeenTest(unittest.TestCase):
    def see(self, expression, environment):
        finished = run('import json\nfrom polyaxon_client.tracking import *\nprint(json.dumps({}))'.format(expression), environment)
        self.assertEqual(finished.returncode, 0, finished.stderr)
        return json.loads(finished.stdout)

    def test_a_fresh_experiment(self):
        environment = managed(run_outputs_path='/outputs/mona/iris/experiments/23', params='{"lr": 0.05, "deep": {"a": [1]}}', log_level='INFO')
        seen = self.see('[get_outputs_path(), get_params(), get_declarations(), get_experiment_info()["attempt"], get_log_level()]', environment)
        params = {'lr': 0.05, 'deep': {'a': [1]}}
        self.assertEqual(seen, ['/outputs/mona/iris/experiments/23', params, params, 1, 'INFO'])
        self.assertEqual(self.see('[is_resumed(), is_restarted(), is_copied(), get_cloning_strategy(), get_original_name()]', environment),
                         [False, False, False, None, None])

    def test_a_checkpoint(self):
        environment = managed(cloning_strategy='resume', checkpoint_path='/outputs/model.ckpt-7', checkpoint_step='7')
        self.assertEqual(self.see('[get_checkpoint(), get_checkpoint_step(), Experiment.get_checkpoint()]', environment), ['/outputs/model.ckpt-7', 7, '/outputs/model.ckpt-7'])
        self.assertEqual(self.see('[get_checkpoint(), get_checkpoint_step()]', managed()), [None, None])

    def test_a_clone(self):
        for strategy, expected in (('resume', [True, False, False]), ('restart', [False, True, False]), ('copy', [False, False, True])):
            environment = managed(cloning_strategy=strategy, original_name='mona.iris.21')
            self.assertEqual(self.see('[is_resumed(), is_restarted(), is_copied(), get_cloning_strategy(), get_original_name()]', environment),
                             expected + [strategy, 'mona.iris.21'])

    def test_params_by_their_old_name_and_no_params(self):
        self.assertEqual(self.see('get_params()', managed(declarations='{"lr": 1}')), {'lr': 1})
        self.assertEqual(self.see('get_params()', managed()), {})

    def test_outputs_of_others_and_data(self):
        environment = managed(refs_outputs_paths='{"jobs": [], "experiments": ["/outputs/mona/iris/experiments/12"]}', run_data_paths='{"mnist": "/data/mnist"}')
        self.assertEqual(self.see('[get_outputs_refs_paths(), Experiment.get_data_paths()]', environment),
                         [{'experiments': ['/outputs/mona/iris/experiments/12'], 'jobs': []}, {'mnist': '/data/mnist'}])
        self.assertEqual(self.see('[get_outputs_refs_paths(), get_data_paths()]', managed()), [{'experiments': [], 'jobs': []}, {}])

    def test_python_m_polyaxon_client_shows_it_without_the_token(self):
        environment = managed('http://127.0.0.1:1', run_outputs_path='/outputs', cloning_strategy='resume', original_name='mona.iris.21')
        shown = subprocess.run([sys.executable, '-m', 'polyaxon_client'], env=environment, stdout=subprocess.PIPE, universal_newlines=True).stdout
        for part in ('mona.iris.23', 'resume', 'mona.iris.21', '/outputs', 'http://127.0.0.1:1/api/v1/mona/iris/experiments/23/'):
            self.assertIn(part, shown)
        self.assertNotIn('secret', shown)

    def test_outside_the_platform_it_says_so(self):
        for call in ('get_outputs_path()', 'get_params()', 'Experiment()', 'log_metrics(loss=1)', 'is_resumed()', 'log_artifact("x")', 'latest_checkpoint()'):
            with self.subTest(call=call):
                finished = run('from polyaxon_client.tracking import *\n' + call, outside())
                self.assertEqual(finished.returncode, 1)
                self.assertIn('NotManaged: This experiment is not managed by Polyaxon.', finished.stderr)
                self.assertIn('POLYAXON_NO_OP', finished.stderr)
        shown = subprocess.run([sys.executable, '-m', 'polyaxon_client'], env=outside(), stdout=subprocess.PIPE, universal_newlines=True).stdout
        self.assertIn('not managed by Polyaxon', shown)

    def test_with_no_op_every_call_returns_none(self):
        finished = run('''
            from polyaxon_client import tracking
            for target in (tracking, tracking.Experiment()):
                answers = [target.get_outputs_path(), target.get_params(), target.get_experiment_info(), target.is_resumed(),
                           target.get_original_name(), target.log_metrics(loss=1), target.log_params(a=1), target.log_tags('a'),
                           target.log_succeeded(), target.log_artifact('x'), target.latest_checkpoint()]
                assert answers == [None] * 11, answers
                with target.atomic_write('model.pt') as path:
                    open(path, 'w').close()
            ''', dict(outside(), POLYAXON_NO_OP='1'))
        self.assertEqual((finished.returncode, finished.stderr), (0, ''))


class SentTest(unittest.TestCase):
    def test_metrics_params_tags_and_the_status(self):
        with platform_double() as platform:
            finished = run('''
                from datetime import datetime, timezone
                from polyaxon_client.tracking import Experiment
                experiment = Experiment()
                class Scalar:
                    def item(self):
                        return 0.25
                experiment.log_metrics(step=3, timestamp=datetime(2026, 1, 2, tzinfo=timezone.utc), loss=Scalar(), ok=True, none=None, text='x')
                experiment.log_params(lr=Scalar(), odd=set)
                experiment.log_params(reset=True, lr=1)
                experiment.log_tags('a, b', ['c'])
                experiment.log_tags('d', reset=True)
                experiment.log_checkpoint_loaded('step-7.pt', step=7)
                experiment.log_failed('boom', traceback='line 1')
                experiment.log_succeeded()
                ''', managed(platform.host))
            self.assertEqual(finished.returncode, 0, finished.stderr)
            environment, metrics, added, replaced, tags, only_tag, loaded, status = platform.requests
            self.assertEqual(environment.method, 'PATCH')
            self.assertEqual(environment.body['run_env']['sys.argv'], ['-c'])
            self.assertEqual(metrics.body, [{'values': {'loss': 0.25, 'ok': 1, 'none': None, 'step': 3}, 'created_at': '2026-01-02T00:00:00+00:00'}])
            self.assertEqual(added.body, {'params': {'lr': 0.25, 'odd': "<class 'set'>"}, 'merge': True})
            self.assertEqual(replaced.body, {'params': {'lr': 1}})
            self.assertEqual(tags.body, {'tags': ['a', 'b', 'c'], 'merge': True})
            self.assertEqual(only_tag.body, {'tags': ['d']})
            self.assertEqual((loaded.path[-18:], loaded.body), ('/checkpoint_loads/', {'path': 'step-7.pt', 'step': 7}))
            self.assertEqual((status.path[-10:], status.body), ('/statuses/', {'status': 'failed', 'message': 'boom', 'traceback': 'line 1'}))
            self.assertEqual(finished.stderr.count("metric 'text' is left out"), 1)

    def test_a_failing_program_still_sends_what_it_said(self):
        with platform_double() as platform:
            finished = run('from polyaxon_client.tracking import log_metrics\nlog_metrics(loss=1)\n1 / 0', managed(platform.host))
            self.assertEqual(finished.returncode, 1)
            self.assertEqual([row['values'] for row in platform.rows()], [{'loss': 1}])

    def test_an_unreachable_platform_costs_a_training_nothing_but_a_bounded_end(self):
        with platform_double() as platform:
            host = platform.host
        began = time.monotonic()
        finished = run('''
            from polyaxon_client.tracking import Experiment
            experiment = Experiment()
            for step in range(20000):
                experiment.log_metrics(step=step, loss=1 / (step + 1))
            print('trained')
            ''', managed(host, timeout='0.5'))
        self.assertEqual((finished.returncode, finished.stdout), (0, 'trained\n'))
        self.assertLess(time.monotonic() - began, 15)
        self.assertEqual(finished.stderr.count('the platform is away'), 1)
        self.assertIn('did not reach the platform', finished.stderr)

    def test_a_managed_run_without_an_address_trains_on(self):
        finished = run('from polyaxon_client.tracking import log_metrics\nlog_metrics(loss=1)', managed())
        self.assertEqual(finished.returncode, 0)
        self.assertIn('nothing is tracked', finished.stderr)

    @unittest.skipUnless(hasattr(os, 'fork'), 'needs fork')
    def test_a_fork_neither_repeats_nor_loses(self):
        with platform_double() as platform:
            finished = run('''
                import multiprocessing
                from polyaxon_client.tracking import log_metrics

                def work(number):
                    log_metrics(child=number)

                log_metrics(parent=1)
                fork = multiprocessing.get_context('fork')
                children = [fork.Process(target=work, args=(number,)) for number in range(3)]
                for child in children: child.start()
                for child in children: child.join()
                log_metrics(parent=2)
                ''', managed(platform.host, interval='5'))
            self.assertEqual(finished.returncode, 0, finished.stderr)
            said = sorted(str(row['values']) for row in platform.rows())
            self.assertEqual(said, ["{'child': 0}", "{'child': 1}", "{'child': 2}", "{'parent': 1}", "{'parent': 2}"])


class StopTest(unittest.TestCase):
    def test_a_program_that_asks_can_save_and_leave(self):
        with tempfile.TemporaryDirectory() as outputs, platform_double() as platform:
            program = subprocess.Popen([sys.executable, '-u', '-c', '''
import sys, time
from polyaxon_client.tracking import atomic_write, log_metrics, stop_requested
while not stop_requested():
    print('training', flush=True)
    time.sleep(0.01)
with atomic_write('model.pt') as path:
    open(path, 'w').write('saved')
log_metrics(saved=1)
sys.exit(143)
'''], env=managed(platform.host, run_outputs_path=outputs), stdout=subprocess.PIPE)
            program.stdout.readline()
            program.send_signal(signal.SIGTERM)
            program.communicate(timeout=30)
            self.assertEqual(program.returncode, 143)
            self.assertEqual(os.listdir(outputs), ['model.pt'])
            self.assertEqual([row['values'] for row in platform.rows()], [{'saved': 1}])

    def test_a_handler_that_was_there_before_is_called_too(self):
        finished = run('''
            import os, signal
            signal.signal(signal.SIGTERM, lambda *_: print('mine'))
            from polyaxon_client.tracking import stop_requested
            print(stop_requested())
            os.kill(os.getpid(), signal.SIGTERM)
            print(stop_requested())
            ''', outside())
        self.assertEqual(finished.stdout.split(), ['False', 'mine', 'True'])
