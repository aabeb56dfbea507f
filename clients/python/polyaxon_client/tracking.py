# What may a training ask of the platform, and tell it?
"""
    from polyaxon_client.tracking import Experiment, get_outputs_path

Every function is also a method of `Experiment`. Asking needs a run that Polyaxon started and raises `NotManaged`
elsewhere; with POLYAXON_NO_OP=1 each of them returns None. Telling never waits for the platform and never fails
because of it. `atomic_write` and `stop_requested` work everywhere.
"""

import functools
import getpass
import os
import platform
import socket
import sys
import tempfile
from contextlib import contextmanager

from polyaxon_client import __version__, delivery, environment, outputs, values
from polyaxon_client.environment import NotManaged
from polyaxon_client.stopping import stop_requested

DONE_STATUSES = ('succeeded', 'failed', 'stopped')

_done = False


def _unless_no_op(function):
    @functools.wraps(function)
    def guarded(*args, **kwargs):
        return None if environment.is_no_op() else function(*args, **kwargs)

    return guarded


@_unless_no_op
def get_outputs_path():
    """Where checkpoints and everything else worth keeping go: survives the run, and a resume finds it again."""
    return environment.outputs_path()


@_unless_no_op
def get_params():
    return environment.params()


get_declarations = get_params  # its name before Polyaxon 0.5


@_unless_no_op
def get_experiment_info():
    return environment.experiment_info()


@_unless_no_op
def get_outputs_refs_paths():
    """{'experiments': [...], 'jobs': []}: outputs paths of the experiments that `environment.outputs.experiments` names, in its order."""
    return environment.outputs_refs_paths()


@_unless_no_op
def get_data_paths():
    """{name: path} of the data stores that `environment.data_refs` names."""
    return environment.data_paths()


@_unless_no_op
def get_log_level():
    return environment.log_level()


@_unless_no_op
def get_cloning_strategy():
    """'resume', 'restart', 'copy', or None for an experiment that was not made from another."""
    return environment.cloning_strategy()


@_unless_no_op
def get_original_name():
    """Of the experiment this one was made from: 'user.project.21', or None."""
    return environment.original_name()


@_unless_no_op
def get_checkpoint():
    """The newest whole checkpoint, or the one that `--from` named: what the platform says this run goes on from. None at a first start."""
    return environment.checkpoint()


@_unless_no_op
def get_checkpoint_step():
    """Its step, when the platform knows it."""
    return environment.checkpoint_step()


@_unless_no_op
def is_resumed():
    """It trains on in the outputs path of its original."""
    return environment.cloning_strategy() == 'resume'


@_unless_no_op
def is_restarted():
    """It starts with empty outputs."""
    return environment.cloning_strategy() == 'restart'


@_unless_no_op
def is_copied():
    """It starts with a copy of its original's outputs."""
    return environment.cloning_strategy() == 'copy'


@_unless_no_op
def log_metrics(step=None, timestamp=None, **metrics):
    """log_metrics(step=12, loss=0.31, accuracy=0.95). What is not a number is left out, with a warning."""
    environment.ensure_managed()
    sender = delivery.current()
    if step is not None:
        metrics['step'] = step
    numbers = {}
    for name, value in metrics.items():
        try:
            numbers[name] = values.number(value)
        except Exception as problem:
            sender.warn('metric ' + name, 'metric {!r} is left out: {}'.format(name, problem))
    if numbers:
        sender.metric({'values': numbers, 'created_at': values.instant(timestamp)})


@_unless_no_op
def log_checkpoint_loaded(path=None, step=None):
    """Says that the training has loaded a checkpoint and goes on from it: `path` is the one that the platform gave when it is left out. Users see it with `polyaxon experiment checkpoints`."""
    environment.ensure_managed()
    path = path or environment.checkpoint()
    said = {'path': path and str(path), 'step': None if step is None else int(step)}
    delivery.current().request('POST', 'checkpoint_loads/', {key: value for key, value in said.items() if value is not None})


@_unless_no_op
def log_params(reset=False, **params):
    """Adds to the experiment's params, or replaces them all."""
    _update({'params': params}, merge=not reset)


@_unless_no_op
def log_tags(*tags, reset=False):
    """log_tags('baseline', 'night'), also with one list, or one text with commas."""
    given = [tag for group in tags for tag in (group.split(',') if isinstance(group, str) else group)]
    _update({'tags': [tag.strip() for tag in given]}, merge=not reset)


@_unless_no_op
def log_status(status, message=None, traceback=None):
    """The end is said once: after succeeded, failed or stopped, another end is dropped."""
    global _done
    environment.ensure_managed()
    if status in DONE_STATUSES:
        if _done:
            return
        _done = True
    said = {'status': status, 'message': message, 'traceback': traceback}
    delivery.current().request('POST', 'statuses/', {key: value for key, value in said.items() if value is not None})


def log_succeeded(message=None):
    return log_status('succeeded', message)


def log_failed(message=None, traceback=None):
    return log_status('failed', message, traceback)


def log_stopped(message=None):
    return log_status('stopped', message)


@_unless_no_op
def log_artifact(path, name=None):
    """Copies a file into the outputs path, as `name` or under its own; one that is there already is left alone."""
    return outputs.add_file(environment.outputs_path(), path, name)


@_unless_no_op
def log_artifacts(path):
    """The same for a folder and all its files."""
    return outputs.add_folder(environment.outputs_path(), path)


@_unless_no_op
def latest_checkpoint(pattern='*'):
    """
    latest_checkpoint('checkpoints/*.pt'): the path of the newest complete file or folder that matches, or None.
    Half written files of a killed run don't count when they were written with `atomic_write`.
    """
    return outputs.latest_checkpoint(environment.outputs_path(), pattern)


@contextmanager
def atomic_write(name):
    """
        with atomic_write('checkpoints/epoch-12.pt') as path:
            torch.save(state, path)

    The file (or folder) takes its place in the outputs path when it is complete, replacing the one before.
    """
    if environment.is_no_op():
        with tempfile.TemporaryDirectory() as nowhere:
            yield os.path.join(nowhere, os.path.basename(name))
    else:
        with outputs.atomic_write(environment.outputs_path(), name) as path:
            yield path


class Experiment:
    """The experiment this program is a run of. It takes the options of the original client; a managed run has no use for most."""

    def __init__(self, project=None, track_env=True, **_options):
        if environment.is_no_op():
            return
        environment.ensure_managed()
        if track_env:
            _update({'run_env': _run_environment()})

    get_outputs_path = staticmethod(get_outputs_path)
    get_params = staticmethod(get_params)
    get_declarations = staticmethod(get_declarations)
    get_experiment_info = staticmethod(get_experiment_info)
    get_outputs_refs_paths = staticmethod(get_outputs_refs_paths)
    get_data_paths = staticmethod(get_data_paths)
    get_log_level = staticmethod(get_log_level)
    get_cloning_strategy = staticmethod(get_cloning_strategy)
    get_original_name = staticmethod(get_original_name)
    get_checkpoint = staticmethod(get_checkpoint)
    get_checkpoint_step = staticmethod(get_checkpoint_step)
    is_resumed = staticmethod(is_resumed)
    is_restarted = staticmethod(is_restarted)
    is_copied = staticmethod(is_copied)
    log_metrics = staticmethod(log_metrics)
    log_checkpoint_loaded = staticmethod(log_checkpoint_loaded)
    log_params = staticmethod(log_params)
    log_tags = staticmethod(log_tags)
    log_status = staticmethod(log_status)
    log_succeeded = staticmethod(log_succeeded)
    log_failed = staticmethod(log_failed)
    log_stopped = staticmethod(log_stopped)
    log_artifact = staticmethod(log_artifact)
    log_artifacts = staticmethod(log_artifacts)
    latest_checkpoint = staticmethod(latest_checkpoint)
    atomic_write = staticmethod(atomic_write)
    stop_requested = staticmethod(stop_requested)


def _update(changes, merge=False):
    environment.ensure_managed()
    delivery.current().request('PATCH', '', dict(changes, merge=True) if merge else changes)


def _run_environment():
    return {
        'pid': os.getpid(),
        'hostname': socket.gethostname(),
        'os': platform.platform(aliased=True),
        'system': platform.system(),
        'python_version': platform.python_version(),
        'python_version_verbose': sys.version,
        'user': _user(),
        'client_version': __version__,
        'sys.argv': sys.argv,
        'filename': os.path.basename(sys.argv[0]),
    }


def _user():
    try:
        return getpass.getuser()
    except Exception:
        return str(os.getuid())  # an account without a name, as containers have
