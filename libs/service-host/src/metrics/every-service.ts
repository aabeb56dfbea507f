// Which metrics does every service export?
import { refusalStatuses, type RefusalCode } from '#contracts';
import { exportedBy, toldAtStart } from './metric.ts';

export const services = ['api-gateway', 'scheduler', 'storage-manager', 'log-collector'] as const;
const { counter, gauge, histogram } = exportedBy(services);
const exclusive = exportedBy(['scheduler', 'log-collector']);


const refusalCodes = [...(Object.keys(refusalStatuses) as RefusalCode[]), 'internal-error', 'unavailable'] as const;
const reaction = { group: toldAtStart, type: toldAtStart } as const;

export const everyService = {
  build_info: gauge({ help: '1; the version is in its label', unit: 'yes or no', labels: { version: toldAtStart }, use: 'chart' }),
  ready: gauge({ help: '1 when `/ready` says yes', unit: 'yes or no', use: 'chart' }),
  dependency_up: gauge({ help: '1 when this can be used: the database, the bus, the store of outputs, of logs, of code', unit: 'yes or no', labels: { dependency: toldAtStart }, use: 'chart' }),

  http_requests_total: counter({
    help: 'requests answered; `route` is the template, `code` the class: `2xx` `4xx` `5xx`. A caller who left before there was an answer counts as `4xx`', unit: 'count',
    labels: { method: toldAtStart, route: toldAtStart, code: ['2xx', '3xx', '4xx', '5xx'] }, use: 'alert',
  }),
  /** Few buckets, since each is a series for every route. */
  http_request_duration_seconds: histogram({
    help: 'from the first line of a request to the end of its answer. A stream lasts as long as it is listened to', unit: 'seconds', labels: { method: toldAtStart, route: toldAtStart },
    buckets: [0.005, 0.025, 0.1, 0.5, 2.5, 10], use: 'chart',
  }),
  http_requests_in_flight: gauge({ help: 'requests that are being answered', unit: 'count', use: 'chart' }),
  refusals_total: counter({ help: 'requests that were not done, by the code in the answer', unit: 'count', labels: { code: refusalCodes }, use: 'alert' }),

  events_appended_total: counter({ help: 'events this process has written', unit: 'count', labels: { category: toldAtStart, type: toldAtStart }, use: 'chart' }),
  append_duration_seconds: histogram({
    help: 'of each statement that writes events, without the commit of what it is part of; also of one that comes too late and is decided again', unit: 'seconds',
    labels: { category: toldAtStart }, buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5], use: 'chart',
  }),
  append_conflicts_total: counter({ help: 'decisions made again, because another was faster', unit: 'count', labels: { category: toldAtStart }, use: 'chart' }),
  consumer_oldest_unhandled_age_seconds: gauge({ help: 'lag: age of the oldest event the service has not reacted to', unit: 'seconds', labels: { group: toldAtStart }, use: 'alert' }),
  event_waited_seconds: histogram({ help: 'from append to reaction', unit: 'seconds', labels: reaction, buckets: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30], use: 'chart' }),
  handler_duration_seconds: histogram({
    help: 'each reaction by itself, `handled` or `failed`', unit: 'seconds', labels: { ...reaction, outcome: ['handled', 'failed'] }, buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2.5], use: 'chart',
  }),
  inbox_duplicates_total: counter({ help: 'events that came again and changed nothing: the inbox has them', unit: 'count', labels: { group: toldAtStart }, use: 'chart' }),
  handler_retries_total: counter({
    help: 'reactions tried again because of the surroundings (`transient`), perhaps the event (`permanent`), or a `bug`', unit: 'count',
    labels: { ...reaction, class: ['transient', 'permanent', 'bug'] }, use: 'chart',
  }),
  dead_letters: gauge({ help: 'events given up, and not tried again yet. `polyaxon admin dead-letters` shows them', unit: 'count', labels: { group: toldAtStart }, use: 'alert' }),
  dead_letters_total: counter({ help: 'events given up, ever', unit: 'count', labels: reaction, use: 'chart' }),
  foreign_messages_total: counter({ help: 'messages on the bus that the event store does not know', unit: 'count', labels: { group: toldAtStart }, use: 'chart' }),
  consumer_last_pause_seconds: gauge({ help: 'unix time of the last pause because of the surroundings; 0: there was none', unit: 'unix time', labels: { group: toldAtStart }, use: 'debug' }),

  lease_epoch: exclusive.gauge({ help: 'number of the takeover that made this instance the one that does it; 0: another one does', unit: 'count', labels: { lease: toldAtStart }, use: 'chart' }),
  lease_refusals_total: exclusive.counter({ help: 'acts of this instance that were refused, since another one has taken over', unit: 'count', labels: { lease: toldAtStart }, use: 'alert' }),

  relay_active: gauge({ help: '1 in the one that publishes the events of the store to Kafka', unit: 'yes or no', use: 'alert', with: 'kafka' }),
  relay_unpublished_messages: gauge({ help: 'events in the store that are not on Kafka yet, counted up to 10,000', unit: 'count', use: 'chart', with: 'kafka' }),
  relay_oldest_unpublished_age_seconds: gauge({ help: 'age of the oldest event that is not on Kafka yet', unit: 'seconds', use: 'alert', with: 'kafka' }),
  relay_published_total: counter({ help: 'events this process has published to Kafka', unit: 'count', labels: { topic: toldAtStart }, use: 'chart', with: 'kafka' }),
};

