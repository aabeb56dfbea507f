# Does what a training says arrive once, in order, and without the training waiting?
import contextlib
import io
import math
import time
import unittest

from polyaxon_client.delivery import Delivery
from polyaxon_client.environment import Address
from tests.platform_double import platform_double


def delivery_to(host, **options):
    options = dict({'interval_seconds': 0.05, 'first_wait_seconds': 0.01}, **options)
    return Delivery(Address(host + '/api/v1/mona/iris/experiments/23/', 'Token secret'), **options)


def losses(rows):
    return [row['values']['loss'] for row in rows]


class DeliveryTest(unittest.TestCase):
    def setUp(self):
        self.warnings = io.StringIO()
        stack = contextlib.ExitStack()
        stack.enter_context(contextlib.redirect_stderr(self.warnings))
        self.addCleanup(stack.close)

    def wait_for_warning(self, text, seconds=10):
        deadline = time.monotonic() + seconds
        while text not in self.warnings.getvalue():
            self.assertLess(time.monotonic(), deadline, 'no warning says {!r}'.format(text))
            time.sleep(0.005)

    def test_metrics_of_a_moment_arrive_as_one_array(self):
        with platform_double() as platform:
            delivery = delivery_to(platform.host, interval_seconds=10)
            for loss in range(100):
                delivery.metric({'values': {'loss': loss}})
            delivery.flush(10)
            request, = platform.requests
            self.assertEqual((request.method, request.path), ('POST', '/api/v1/mona/iris/experiments/23/metrics/'))
            self.assertEqual(request.headers['Authorization'], 'Token secret')
            self.assertEqual(losses(request.body), list(range(100)))

    def test_what_was_said_arrives_in_that_order(self):
        with platform_double() as platform:
            delivery = delivery_to(platform.host)
            delivery.metric({'values': {'loss': 1}})
            delivery.request('PATCH', '', {'tags': ['late']})
            delivery.metric({'values': {'loss': 0}})
            delivery.request('POST', 'statuses/', {'status': 'succeeded'})
            delivery.flush(10)
            self.assertEqual([request.path.split('/')[-2] for request in platform.requests], ['metrics', '23', 'metrics', 'statuses'])

    def test_a_batch_is_sent_again_as_it_was_under_its_key(self):
        for status in (429, 500, 503):
            with self.subTest(status=status), platform_double(statuses=[status, status]) as platform:
                delivery = delivery_to(platform.host)
                delivery.metric({'values': {'loss': 1}})
                requests = platform.wait_for(3)
                delivery.flush(10)
                self.assertEqual(len({request.headers['Idempotency-Key'] for request in requests}), 1)
                self.assertEqual(len({request.text for request in requests}), 1)
                self.assertEqual(losses(platform.rows()), [1])

    def test_another_batch_has_another_key(self):
        with platform_double() as platform:
            delivery = delivery_to(platform.host)
            delivery.metric({'values': {'loss': 1}})
            platform.wait_for(1)
            delivery.metric({'values': {'loss': 2}})
            first, second = platform.wait_for(2)
            delivery.flush(10)
            self.assertNotEqual(first.headers['Idempotency-Key'], second.headers['Idempotency-Key'])

    def test_what_the_platform_refuses_or_chokes_on_does_not_hold_up_the_rest(self):
        for statuses in ([400], [500] * 5):
            self.warnings.truncate(0)
            with self.subTest(statuses=statuses), platform_double(statuses=statuses) as platform:
                delivery = delivery_to(platform.host)
                delivery.request('PATCH', '', {'params': {}})
                delivery.metric({'values': {'loss': 1}})
                delivery.flush(10)
                self.assertEqual(losses(platform.rows()), [1])
                self.assertIn('did not take PATCH', self.warnings.getvalue())
                self.assertIn('as told', self.warnings.getvalue())

    def test_what_is_said_while_the_platform_is_away_arrives_when_it_is_back(self):
        with platform_double() as platform:
            port = platform.port
        delivery = delivery_to(platform.host, interval_seconds=0.01)
        for loss in range(3):
            delivery.metric({'values': {'loss': loss}})
        self.wait_for_warning('away')
        with platform_double(port=port) as platform:
            delivery.metric({'values': {'loss': 3}})
            delivery.flush(15)
            self.assertEqual(losses(platform.rows()), [0, 1, 2, 3])

    def test_the_end_waits_for_a_platform_that_is_away_only_so_long(self):
        with platform_double() as platform:
            host = platform.host
        delivery = delivery_to(host)
        delivery.metric({'values': {'loss': 1}})
        began = time.monotonic()
        delivery.flush(0.3)
        self.assertLess(time.monotonic() - began, 2)
        self.assertIn('1 messages (metrics, params, statuses) did not reach the platform', self.warnings.getvalue())

    def test_the_end_waits_for_a_platform_that_hangs_only_so_long(self):
        with platform_double(hangs=True) as platform:
            delivery = delivery_to(platform.host)
            delivery.metric({'values': {'loss': 1}})
            platform.wait_for(1)
            began = time.monotonic()
            delivery.flush(0.3)
            self.assertLess(time.monotonic() - began, 2)

    def test_a_training_does_not_wait_for_a_platform_that_hangs(self):
        with platform_double(hangs=True) as platform:
            delivery = delivery_to(platform.host)
            delivery.metric({'values': {'loss': 1}})
            platform.wait_for(1)
            began = time.monotonic()
            for loss in range(10000):
                delivery.metric({'values': {'loss': loss}})
            self.assertLess(time.monotonic() - began, 3)
            delivery.flush(0)

    def test_a_full_queue_loses_its_oldest_and_says_so_once(self):
        with platform_double() as platform:
            delivery = delivery_to(platform.host, interval_seconds=10, queue_bytes=len('{"values": {"loss": 0}}') * 3)
            for loss in range(9):
                delivery.metric({'values': {'loss': loss}})
            delivery.flush(10)
            self.assertEqual(losses(platform.rows()), [6, 7, 8])
            self.assertEqual(self.warnings.getvalue().count('the oldest metrics are dropped'), 1)
            self.assertIn('6 messages', self.warnings.getvalue())

    def test_a_backlog_goes_in_bounded_batches(self):
        with platform_double() as platform:
            delivery = delivery_to(platform.host, interval_seconds=10)
            for loss in range(1200):
                delivery.metric({'values': {'loss': loss}})
            delivery.flush(10)
            self.assertEqual(losses(platform.rows()), list(range(1200)))
            self.assertLessEqual(max(len(request.body) for request in platform.requests), 500)

    def test_nan_and_infinity_are_bare_words(self):
        with platform_double() as platform:
            delivery = delivery_to(platform.host)
            delivery.metric({'values': {'loss': math.nan, 'best': math.inf}})
            delivery.flush(10)
            self.assertEqual(platform.requests[0].text, '[{"values": {"loss": NaN, "best": Infinity}}]')

    def test_without_an_address_nothing_happens_but_a_warning(self):
        delivery = Delivery(None)
        delivery.metric({'values': {'loss': 1}})
        delivery.metric({'values': {'loss': 2}})
        delivery.flush(10)
        self.assertEqual(self.warnings.getvalue().count('nothing is tracked'), 1)
