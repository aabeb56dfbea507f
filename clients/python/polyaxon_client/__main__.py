# What would a program started here see? `python -m polyaxon_client`
import json
import os

from polyaxon_client import __version__, environment


def rows():
    info = environment.experiment_info()
    address = environment.address()
    yield 'experiment', info.get('experiment_name')
    yield 'attempt', info.get('attempt')
    yield 'cloning strategy', environment.cloning_strategy() or 'none: a fresh experiment'
    yield 'original', environment.original_name()
    yield 'outputs path', environment.outputs_path()
    yield 'logs path', os.environ.get('POLYAXON_LOGS_PATH')
    yield 'params', json.dumps(environment.params(), sort_keys=True)
    yield 'log level', environment.log_level()
    yield 'reports to', address and address.url
    yield 'token', 'set' if address and address.authorization else 'not set'


def main():
    print('polyaxon_client {}'.format(__version__))
    if environment.is_no_op():
        print('POLYAXON_NO_OP is set: every call returns None.')
        return
    try:
        for name, value in rows():
            print('{:<17} {}'.format(name, '-' if value is None else value))
    except environment.NotManaged as reason:
        print(reason)


main()
