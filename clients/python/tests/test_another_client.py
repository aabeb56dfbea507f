# Does a program that brings a client of its own get that one?
import os
import tempfile
import unittest

from tests.program import CLIENT, managed, run


class AnotherClientTest(unittest.TestCase):
    def test_the_one_that_its_python_has_installed_wins(self):
        with tempfile.TemporaryDirectory() as site:
            os.makedirs(os.path.join(site, 'polyaxon_client', 'tracking'))
            for file, text in {'__init__.py': 'VERSION = "0.5.6"', 'tracking/__init__.py': 'from polyaxon_client.tracking.group import Group', 'tracking/group.py': 'class Group: pass'}.items():
                with open(os.path.join(site, 'polyaxon_client', file), 'w') as source:
                    source.write(text)
            finished = run('''
                import polyaxon_client
                from polyaxon_client.tracking import Group
                print(polyaxon_client.VERSION, polyaxon_client.__file__, Group.__module__)
            ''', dict(managed(), PYTHONPATH=os.pathsep.join([CLIENT, site])))
            self.assertEqual((finished.stderr, finished.stdout.split()), ('', ['0.5.6', os.path.join(site, 'polyaxon_client', '__init__.py'), 'polyaxon_client.tracking.group']))

    def test_a_second_copy_of_this_one_in_the_same_folder_is_this_one(self):
        finished = run('from polyaxon_client import __version__, tracking; print(__version__, tracking.__file__)', dict(managed(), PYTHONPATH=os.pathsep.join([CLIENT, CLIENT + '/'])))
        self.assertEqual(finished.stdout.split(), ['0.1.0', os.path.join(CLIENT, 'polyaxon_client', 'tracking.py')])
