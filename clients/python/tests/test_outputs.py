# Are files in the outputs path whole, and is the newest checkpoint found?
import os
import tempfile
import unittest
from unittest import mock

from polyaxon_client import tracking


def write(path, text='x', at=None):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w') as file:
        file.write(text)
    if at is not None:
        os.utime(path, (at, at))
    return path


def read(path):
    with open(path) as file:
        return file.read()


class OutputsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = os.path.join(folder.name, 'outputs')
        self.elsewhere = os.path.join(folder.name, 'elsewhere')
        os.makedirs(self.root)
        os.makedirs(self.elsewhere)
        patch = mock.patch.dict(os.environ, {'POLYAXON_RUN_OUTPUTS_PATH': self.root})
        patch.start()
        self.addCleanup(patch.stop)

    def path(self, *names):
        return os.path.join(self.root, *names)

    def test_a_file_appears_when_it_is_complete_and_keeps_its_ending_while_written(self):
        write(self.path('model.pt'), 'old')
        with tracking.atomic_write('model.pt') as path:
            self.assertEqual(os.path.basename(path), 'model.pt')
            write(path, 'new')
            self.assertEqual(read(self.path('model.pt')), 'old')
        self.assertEqual(read(self.path('model.pt')), 'new')
        self.assertEqual(os.listdir(self.root), ['model.pt'])

    def test_a_folder_replaces_a_folder(self):
        for text in ('old', 'new'):
            with tracking.atomic_write('saved/model') as path:
                write(os.path.join(path, 'weights'), text)
        self.assertEqual(read(self.path('saved', 'model', 'weights')), 'new')
        self.assertEqual(os.listdir(self.path('saved')), ['model'])

    def test_an_exception_leaves_what_was_there(self):
        write(self.path('model.pt'), 'old')
        with self.assertRaises(KeyError), tracking.atomic_write('model.pt') as path:
            write(path, 'half')
            raise KeyError('oom')
        self.assertEqual(read(self.path('model.pt')), 'old')
        self.assertEqual(os.listdir(self.root), ['model.pt'])

    def test_a_name_stays_under_the_outputs_path(self):
        for name in ('../model.pt', '/tmp/model.pt', '.', 'a/../..'):
            with self.subTest(name=name), self.assertRaises(ValueError), tracking.atomic_write(name):
                self.fail('it was let through')

    def test_the_newest_complete_checkpoint_is_found(self):
        self.assertIsNone(tracking.latest_checkpoint())
        write(self.path('epoch-2.pt'), at=200)
        write(self.path('epoch-1.pt'), at=100)
        write(self.path('epoch-3.pt'), '', at=300)
        write(self.path('epoch-4.pt.tmp'), at=400)
        write(self.path('.epoch-5.pt'), at=500)
        write(self.path('.half.tmp', 'epoch-6.pt'), at=600)
        os.makedirs(self.path('empty'))
        self.assertEqual(tracking.latest_checkpoint(), self.path('epoch-2.pt'))
        self.assertEqual(tracking.latest_checkpoint('*/*'), None)
        write(self.path('saved', 'deep', 'weights'), at=700)
        self.assertEqual(tracking.latest_checkpoint(), self.path('saved'))
        self.assertEqual(tracking.latest_checkpoint('*.pt'), self.path('epoch-2.pt'))

    def test_of_one_instant_the_highest_number_is_newest(self):
        for epoch in (9, 10, 8):
            write(self.path('epoch-{}.pt'.format(epoch)), at=100)
        self.assertEqual(tracking.latest_checkpoint(), self.path('epoch-10.pt'))

    def test_an_artifact_from_elsewhere_is_copied_and_may_be_copied_again(self):
        source = os.path.join(self.elsewhere, 'plot.png')
        for text in ('first', 'second'):
            write(source, text)
            self.assertEqual(tracking.log_artifact(source), self.path('plot.png'))
            self.assertEqual(read(self.path('plot.png')), text)

    def test_an_artifact_in_the_outputs_is_left_alone(self):
        inside = write(self.path('plots', 'a.png'), 'same')
        self.assertEqual(tracking.log_artifact(inside), os.path.realpath(inside))
        self.assertEqual(sorted(os.listdir(self.root)), ['plots'])

    def test_a_folder_of_artifacts_is_copied_under_its_name(self):
        write(os.path.join(self.elsewhere, 'plots', 'a.png'), 'a')
        write(os.path.join(self.elsewhere, 'plots', 'deep', 'b.png'), 'b')
        tracking.log_artifacts(os.path.join(self.elsewhere, 'plots') + os.sep)
        self.assertEqual(read(self.path('plots', 'deep', 'b.png')), 'b')
        self.assertEqual(sorted(os.listdir(self.path('plots'))), ['a.png', 'deep'])
