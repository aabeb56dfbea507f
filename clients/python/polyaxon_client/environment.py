# What has the platform told this program about itself?
"""Everything comes from environment variables and is read when asked for, so importing the client costs and decides nothing."""

import json
import os
from collections import namedtuple
from urllib.parse import quote, urlsplit

CLONING_STRATEGIES = ('resume', 'restart', 'copy')

# Where this run's experiment is found on the platform: `url` ends with a slash, `authorization` is a header or None.
Address = namedtuple('Address', 'url authorization')


class NotManaged(Exception):
    """Raised by what only works in a run that Polyaxon has started."""

    def __init__(self, missing):
        super().__init__(
            'This experiment is not managed by Polyaxon. ({} is not set.) Start it with `polyaxon run -u -f polyaxonfile.yml`, '
            'or set POLYAXON_NO_OP=1 to run it without the platform.'.format(missing)
        )


def is_no_op():
    return _is_true('POLYAXON_NO_OP')


def is_managed():
    return _is_true('POLYAXON_IS_MANAGED') or _is_true('POLYAXON_IN_CLUSTER')


def ensure_managed():
    if not is_managed():
        raise NotManaged('POLYAXON_IS_MANAGED')


def outputs_path():
    # The path alone is enough, so that a program can be tried with a folder of one's own.
    path = os.environ.get('POLYAXON_RUN_OUTPUTS_PATH')
    if not path:
        raise NotManaged('POLYAXON_RUN_OUTPUTS_PATH')
    return path


def params():
    for variable in ('POLYAXON_PARAMS', 'POLYAXON_DECLARATIONS'):
        if os.environ.get(variable):
            return json.loads(os.environ[variable]) or {}
    ensure_managed()
    return {}


def experiment_info():
    ensure_managed()
    return json.loads(os.environ.get('POLYAXON_EXPERIMENT_INFO') or '{}')


def cloning_strategy():
    ensure_managed()
    strategy = os.environ.get('POLYAXON_CLONING_STRATEGY')
    return strategy if strategy in CLONING_STRATEGIES else None


def checkpoint():
    ensure_managed()
    return os.environ.get('POLYAXON_CHECKPOINT_PATH') or None


def checkpoint_step():
    ensure_managed()
    step = os.environ.get('POLYAXON_CHECKPOINT_STEP', '')
    return int(step) if step.isdigit() else None


def original_name():
    ensure_managed()
    return os.environ.get('POLYAXON_ORIGINAL_NAME') or None


def outputs_refs_paths():
    ensure_managed()
    references = json.loads(os.environ.get('POLYAXON_REFS_OUTPUTS_PATHS') or '{}') or {}
    return {'experiments': references.get('experiments') or [], 'jobs': references.get('jobs') or []}


def data_paths():
    ensure_managed()
    return json.loads(os.environ.get('POLYAXON_RUN_DATA_PATHS') or '{}') or {}


def log_level():
    return os.environ.get('POLYAXON_LOG_LEVEL') or None


def address():
    """None when the platform gave no address: the run goes on, untracked."""
    host = os.environ.get('POLYAXON_API_HTTP_HOST', '').rstrip('/')
    info = experiment_info()
    names = info.get('project_name', '').replace('/', '.').split('.')
    number = info.get('experiment_name', '').rpartition('.')[2]
    if urlsplit(host).scheme not in ('http', 'https') or len(names) != 2 or not number:
        return None
    version = os.environ.get('POLYAXON_API_VERSION') or 'v1'
    user, project = (quote(name, safe='') for name in names)
    token = os.environ.get('POLYAXON_SECRET_USER_TOKEN')
    scheme = os.environ.get('POLYAXON_AUTHENTICATION_TYPE') or 'Token'
    return Address(
        url='{}/api/{}/{}/{}/experiments/{}/'.format(host, version, user, project, quote(number, safe='')),
        authorization='{} {}'.format(scheme, token) if token else None,
    )


def seconds(variable, default):
    """A duration that a user may set; nonsense counts as unset, for it must not stop a training."""
    try:
        given = float(os.environ[variable])
    except (KeyError, ValueError):
        return default
    return given if 0 <= given < float('inf') else default


def _is_true(variable):
    return os.environ.get(variable, '').strip().lower() in ('1', 'true', 'yes', 'on')
