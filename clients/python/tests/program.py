# How does a whole program behave that was started as the platform starts it?
import json
import os
import subprocess
import sys
import textwrap

CLIENT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def managed(host=None, **more):
    """The environment of a run, without the variables of whoever runs the tests."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith('POLYAXON_')}
    variables.update({
        'PYTHONPATH': CLIENT,
        'POLYAXON_IS_MANAGED': 'true',
        'POLYAXON_EXPERIMENT_INFO': json.dumps({'project_name': 'mona.iris', 'experiment_name': 'mona.iris.23', 'experiment_uuid': 'ab', 'attempt': 1}),
        'POLYAXON_SECRET_USER_TOKEN': 'secret',
        'POLYAXON_INTERVAL': '0.05',
    })
    if host:
        variables['POLYAXON_API_HTTP_HOST'] = host
    variables.update({'POLYAXON_' + name.upper(): value for name, value in more.items()})
    return variables


def outside():
    return {name: value for name, value in dict(os.environ, PYTHONPATH=CLIENT).items() if not name.startswith('POLYAXON_')}


def run(source, environment, seconds=60):
    """The finished process, with stdout and stderr as text."""
    return subprocess.run(
        [sys.executable, '-c', textwrap.dedent(source)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        universal_newlines=True, timeout=seconds)
