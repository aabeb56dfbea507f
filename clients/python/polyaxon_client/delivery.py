# How does what a training says reach the platform without the training ever waiting for it?
"""
The training puts messages in a queue and goes on. One background thread lets them gather for about a second, joins
neighbouring metrics into one request, and sends everything in the order it was said.

The platform may be away, slow or restarting, so:
- what it did not take is sent again, with a jittered and growing wait, under the same Idempotency-Key: never counted twice;
- what it refuses, or chokes on again and again, is dropped, with a warning, so that it doesn't hold up the rest;
- the queue is bounded: when it is full the oldest goes, with a warning;
- at the end of the program the rest is sent within a bounded time, and what is lost is counted on stderr.
"""

import atexit
import http.client
import os
import random
import sys
import threading
import time
import uuid
from collections import deque, namedtuple
from urllib.parse import urlsplit

from polyaxon_client import environment, values

REQUEST_SECONDS = 5.0
LONGEST_WAIT_SECONDS = 30.0
LONGEST_WAIT_AT_EXIT_SECONDS = 1.0
FAULTS_TOLERATED = 5
BATCH_ROWS = 500
BATCH_BYTES = 256 * 1024
QUEUE_BYTES = 8 * 1024 * 1024
ANSWER_BYTES = 300
# No answer, or one that says later; anything else from 500 on is a fault that may lie in the message.
AWAY = frozenset([None, 408, 429, 502, 503, 504])

# `text` is JSON, made when it was said: what the training changes afterwards must not show.
Message = namedtuple('Message', 'method path text is_metric')


class Delivery:
    """Of one process, to the experiment at one address."""

    def __init__(self, address, interval_seconds=1.0, first_wait_seconds=0.5, queue_bytes=QUEUE_BYTES):
        self._address = address
        self._interval_seconds = interval_seconds
        self._first_wait_seconds = first_wait_seconds
        self._room_bytes = queue_bytes
        self._changed = threading.Condition()
        self._queue = deque()
        self._sending = 0
        self._lost = 0
        self._deadline = None  # of the end of the program, once that has come
        self._is_over = False
        self._thread = None
        self._warned = set()

    def metric(self, row):
        self._put(Message('POST', 'metrics/', values.as_json(row), True))

    def request(self, method, path, body):
        self._put(Message(method, path, values.as_json(body), False))

    def warn(self, subject, text):
        """Once a subject: a training of a million steps must not print a million lines."""
        if subject not in self._warned and not self._is_over and sys.stderr:
            self._warned.add(subject)
            sys.stderr.write('polyaxon_client: {}\n'.format(text))

    def flush(self, seconds):
        """Sends what is left, for so long at most. It is the end: what is said later is not sent."""
        with self._changed:
            self._deadline = time.monotonic() + seconds
            self._changed.notify_all()
            if self._thread:
                self._changed.wait_for(lambda: not self._queue and not self._sending, seconds)
        if not self._thread:
            self._work()
        with self._changed:
            lost = self._lost + len(self._queue) + self._sending
            if lost:
                self.warn('lost', '{} messages (metrics, params, statuses) did not reach the platform'.format(lost))
            self._is_over = True  # a thread that writes while Python shuts down may crash it

    def _put(self, message):
        if not self._address:
            self.warn('address', 'the platform gave no usable address, so nothing is tracked')
            return
        with self._changed:
            if self._deadline is not None:
                self._lost += 1
                return
            self._queue.append(message)
            self._room_bytes -= len(message.text)
            while self._room_bytes < 0 and len(self._queue) > 1:
                self._room_bytes += len(self._queue.popleft().text)
                self._lost += 1
                self.warn('full', 'the platform has been away for so long that the oldest metrics are dropped')
            if not self._thread:
                self._start()
            self._changed.notify_all()

    def _start(self):
        thread = threading.Thread(target=self._work, name='polyaxon-delivery', daemon=True)
        try:
            thread.start()
        except RuntimeError:
            return  # no more threads, or Python is shutting down: `flush` sends it
        self._thread = thread

    def _work(self):
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue or self._is_ending())
                if not self._queue:
                    return
                self._changed.wait_for(lambda: len(self._queue) >= BATCH_ROWS or self._is_ending(), self._interval_seconds)
            while self._queue:
                if self._patience_seconds() <= 0:
                    return
                self._send(self._take())

    def _take(self):
        with self._changed:
            taken = [self._queue.popleft()]
            size = len(taken[0].text)
            while taken[0].is_metric and self._queue and self._queue[0].is_metric and len(taken) < BATCH_ROWS and size < BATCH_BYTES:
                taken.append(self._queue.popleft())
                size += len(taken[-1].text)
            self._room_bytes += size
            self._sending = len(taken)
        if not taken[0].is_metric:
            return taken[0]
        return taken[0]._replace(text='[{}]'.format(','.join(row.text for row in taken)))

    def _send(self, message):
        is_delivered = self._is_delivered(message, str(uuid.uuid4()))
        with self._changed:
            self._lost += 0 if is_delivered else self._sending
            self._sending = 0
            self._changed.notify_all()

    def _is_delivered(self, message, key):
        wait_seconds = self._first_wait_seconds
        faults = 0
        while self._patience_seconds() > 0:
            status, answer = self._post(message, key)
            if status in AWAY:
                self.warn('away', 'the platform is away ({}); the training goes on, its metrics are kept and sent later'.format(status or answer))
            elif status < 300:
                return True
            else:
                faults += 1
                if status < 500 or faults == FAULTS_TOLERATED:
                    self.warn(status, 'the platform did not take {} {}: {} {}'.format(message.method, message.path, status, answer))
                    return False
            self._pause(wait_seconds)
            wait_seconds = min(2 * wait_seconds, LONGEST_WAIT_SECONDS)
        return False

    def _post(self, message, key):
        """Status and text of the answer; without an answer None and the reason."""
        target = urlsplit(self._address.url)
        connect = http.client.HTTPSConnection if target.scheme == 'https' else http.client.HTTPConnection
        headers = {'Content-Type': 'application/json', 'Idempotency-Key': key, 'Connection': 'close'}
        if self._address.authorization:
            headers['Authorization'] = self._address.authorization
        connection = None
        try:
            connection = connect(target.hostname, target.port, timeout=min(REQUEST_SECONDS, max(self._patience_seconds(), 0.01)))
            connection.request(message.method, target.path + message.path, message.text.encode('utf-8'), headers)
            answer = connection.getresponse()
            return answer.status, answer.read(ANSWER_BYTES).decode('utf-8', 'replace').strip()
        except Exception as problem:  # whatever it is, the thread must outlive it
            return None, problem
        finally:
            if connection:
                connection.close()

    def _pause(self, seconds):
        """Somewhere in the second half of the wait, so that a thousand runs don't come back at once; the end of the program cuts it short."""
        wait_seconds = seconds * random.uniform(0.5, 1)
        with self._changed:
            if self._is_ending():
                self._changed.wait(min(wait_seconds, LONGEST_WAIT_AT_EXIT_SECONDS, max(self._patience_seconds(), 0)))
            else:
                self._changed.wait_for(self._is_ending, wait_seconds)

    def _is_ending(self):
        return self._deadline is not None

    def _patience_seconds(self):
        return float('inf') if self._deadline is None else self._deadline - time.monotonic()


_current = None
_making = threading.Lock()


def current():
    """The one of this process, made at its first message."""
    global _current
    with _making:
        if _current is None:
            _current = Delivery(environment.address(), environment.seconds('POLYAXON_INTERVAL', 1.0))
            _flush_before_a_forked_worker_ends()
        return _current


def _flush():
    if _current is not None:
        _current.flush(environment.seconds('POLYAXON_TIMEOUT', 20.0))


def _flush_before_a_forked_worker_ends():
    """A child of multiprocessing leaves by os._exit, which skips atexit but not the finalizers of multiprocessing."""
    util = sys.modules.get('multiprocessing.util')
    if util and sys.modules['multiprocessing'].parent_process():
        util.Finalize(None, _flush, exitpriority=1)


def _begin_anew_in_child():
    """After a fork the queue, its thread and its lock belong to the parent; the child has said nothing yet."""
    global _current, _making
    _current = None
    _making = threading.Lock()


atexit.register(_flush)
if hasattr(os, 'register_at_fork'):
    os.register_at_fork(after_in_child=_begin_anew_in_child)
