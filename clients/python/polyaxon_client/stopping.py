# Has somebody asked this training to stop?
"""
A stop is SIGTERM, then a grace period, then SIGKILL. The first question below turns SIGTERM from the end of the program
into an answer, so ask once before the training loop and then in it.
"""

import signal
import warnings

_watching = False
_requested = False


def stop_requested():
    if not _watching:
        _watch()
    return _requested


def _watch():
    global _watching
    earlier = signal.getsignal(signal.SIGTERM)

    def remember(number, frame):
        global _requested
        _requested = True
        if callable(earlier):
            earlier(number, frame)

    try:
        signal.signal(signal.SIGTERM, remember)
        _watching = True
    except ValueError:
        # Python lets only the main thread handle signals.
        warnings.warn('ask stop_requested() once in the main thread: until then SIGTERM ends the program at once', RuntimeWarning, stacklevel=3)
