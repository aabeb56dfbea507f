# How does a value of a training look on the wire?

import json
from datetime import datetime, timezone


def number(value):
    """A metric as int, float or None. Scalars of numpy, PyTorch, TensorFlow and JAX are known by what they can do."""
    if isinstance(value, bool):
        return int(value)
    if value is None or isinstance(value, (int, float)):
        return value
    for conversion in ('item', 'numpy', '__float__'):
        if hasattr(value, conversion):
            return number(getattr(value, conversion)())
    raise TypeError('{} is not a number'.format(type(value).__name__))


def instant(timestamp=None):
    """ISO 8601 in UTC. A timestamp is a datetime (a naive one is local time) or seconds since 1970."""
    if timestamp is None:
        moment = datetime.now(timezone.utc)
    elif isinstance(timestamp, datetime):
        moment = timestamp.astimezone(timezone.utc)
    else:
        moment = datetime.fromtimestamp(number(timestamp), timezone.utc)
    return moment.isoformat()


def as_json(value):
    """NaN and Infinity stay bare words, as the platform expects them; what JSON has no word for becomes a number or a text."""
    return json.dumps(value, default=_number_or_text)


def _number_or_text(value):
    try:
        return number(value)
    except Exception:
        return str(value)
