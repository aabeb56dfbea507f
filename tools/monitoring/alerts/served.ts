// When are users not served?
import { services } from '#service-host';
import type { Alert } from '../alert.ts';
import { series, up } from '../expression.ts';
import { allowedErrors, names, type BurnWindow } from '../recording-rules.ts';

const burns = (times: number, ...windows: readonly BurnWindow[]): string => windows.map((window) => `${names.gatewayErrorRatio(window)} > ${times} * ${allowedErrors}`).join(' and ');

const failing = [
  '*Which routes fail?* in the dashboard: one route is a fault in what it does, all of them are what they stand on.',
  '`/ready` of the gateway says in words what is missing: the database, the bus, the folder or store of code.',
  'A route of outputs, checkpoints or logs answers 503 while the storage-manager or the log-collector doesn\'t answer: look at *Are all services ready?*.',
  '`grep \'"level":"error"\' service-logs/api-gateway.log`: each failed request has its reason and its `correlationId`.',
];

export const servedAlerts: readonly Alert[] = [
  {
    name: 'GatewayBudgetFastBurn',
    severity: 'page',
    dashboard: 'served',
    expr: () => burns(14.4, 300, 3600),
    forSeconds: 120,
    summary: 'Many requests to the gateway fail',
    description: '{{ $value | humanizePercentage }} of the requests of the last 5 minutes were answered with 5xx. At this pace the errors allowed for 30 days are used up in two days.',
    runbook: {
      means: 'Users and programs get errors from the API. What was acknowledged is in the event store; programs that run go on. Clients try again with their Idempotency-Key and do nothing twice.',
      look: failing,
      mend: [
        'Bring back what is missing: database, disk, store.',
        'Began with a new version: go back to the one before; both read the same store.',
        'One gateway of several: end it, its supervisor starts it again.',
      ],
    },
  },
  {
    name: 'GatewayBudgetSlowBurn',
    severity: 'ticket',
    dashboard: 'served',
    expr: () => `(${burns(6, 1800, 21_600)}) and ${names.gatewayRequests(1800)} > 1`,
    forSeconds: 900,
    summary: 'Some requests to the gateway keep failing',
    description: '{{ $value | humanizePercentage }} of the requests of the last 30 minutes were answered with 5xx, and so it was for six hours. At this pace the errors allowed for 30 days '
      + 'are used up in five.',
    runbook: {
      means: 'A part of the requests fails, for hours. Nobody is cut off, and nothing is lost. With less than one request a second it stays silent: one failure would be too large a share.',
      look: [...failing, 'When did it begin? Compare with the last change of version in *Which versions run?*.'],
      mend: ['As for GatewayBudgetFastBurn, without the hurry.', 'Timeouts of a slow store or database: *Which routes are slow?*, then their own metrics.'],
    },
  },
  {
    name: 'TargetMissing',
    severity: 'page',
    dashboard: 'services',
    expr: () => [`up{job=~"${services.join('|')}"} == 0`, ...services.map((service) => `absent(${up(service)})`)].join(' or '),
    forSeconds: 120,
    summary: '{{ $labels.job }} does not answer',
    description: '{{ $labels.job }}{{ with $labels.instance }} at {{ . }}{{ end }} has not answered Prometheus for two minutes, or Prometheus is not told where it is.',
    runbook: {
      means: 'A service is gone, paused, or cut off from Prometheus. Without a gateway nobody is served. Without a scheduler runs go on and none begins or ends. Without a storage-manager '
        + 'none begins. '
        + 'Without a log-collector runs go on and are not done before their logs are archived. Nothing is lost: whoever is started again goes on from the store.',
      look: [
        'Is the process or container there? `service-logs/<service>.log` ends with why it left.',
        'Is it there and silent: paused (state T in `ps`), or waiting for the database? `/live` answers as long as the process does.',
        'Does `absent` fire for a service that runs: the scrape configuration has lost it, or calls its job otherwise.'],
      mend: [
        'Start it again; that is safe at any moment.',
        'It leaves at once with a message that names a variable: its configuration is wrong.',
        'Several instances, one missing: the others do its work; replace it.',
      ],
    },
  },
  {
    name: 'ViewStale',
    severity: 'ticket',
    dashboard: 'events',
    expr: ({ age }) => `max(${series('consumer_oldest_unhandled_age_seconds', { group: 'api-gateway' })}) > ${age(10)}`,
    forSeconds: 120,
    summary: 'What users see is old',
    description: 'The gateway shows what was true {{ $value | humanizeDuration }} ago.',
    runbook: {
      means: 'Statuses, lists and pages lag behind what happens. An experiment that has ended still shows as running, and can\'t be resumed before it shows as done. Nothing is lost.',
      look: [
        'StoreHorizonHeld or RelayStalled fire too: they are the cause, begin there.',
        '*How long do reactions take?* and *What is tried again?* for the group api-gateway: a slow or failing projection.',
        'A rebuild of the views under way reads everything once.',
      ],
      mend: ['End what holds the horizon.', 'Restart the gateway: it goes on where it was.', 'Views that are wrong and not only late: `polyaxon admin rebuild-views`, while the platform runs.'],
    },
  },
];
