# What would the platform have received, and what if it is slow, broken or gone?
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace


class PlatformDouble:
    """A real HTTP server that records requests and answers the statuses it is given, then 201."""

    def __init__(self, port=0, statuses=(), hangs=False):
        self.requests = []
        self._statuses = list(statuses)
        self._hangs = hangs
        self._changed = threading.Condition()
        self._released = threading.Event()
        self._server = ThreadingHTTPServer(('127.0.0.1', port), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.host = 'http://127.0.0.1:{}'.format(self.port)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={'poll_interval': 0.01}, daemon=True)
        self._thread.start()

    def close(self):
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def wait_for(self, count, seconds=15):
        """The requests, once there are so many."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.requests) >= count, seconds):
                raise AssertionError('{} requests instead of {}: {}'.format(len(self.requests), count, self.requests))
            return list(self.requests)

    def rows(self):
        return [row for request in self.requests if request.path.endswith('/metrics/') and request.status == 201 for row in request.body]

    def _record(self, handler):
        text = handler.rfile.read(int(handler.headers.get('Content-Length') or 0)).decode('utf-8')
        with self._changed:
            status = self._statuses.pop(0) if self._statuses else 201
            self.requests.append(SimpleNamespace(
                method=handler.command, path=handler.path, headers=handler.headers, text=text, body=json.loads(text), status=status))
            self._changed.notify_all()
        if self._hangs:
            self._released.wait()
            return
        handler.send_response(status)
        handler.end_headers()
        handler.wfile.write(b'{"detail": "as told"}')

    def _handler(double):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                double._record(self)

            do_PATCH = do_POST

            def log_message(self, *_):
                pass

        return Handler


@contextmanager
def platform_double(**options):
    double = PlatformDouble(**options)
    try:
        yield double
    finally:
        double.close()
