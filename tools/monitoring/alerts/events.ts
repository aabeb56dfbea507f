// When do events not flow?
import type { Alert } from '../alert.ts';
import { series } from '../expression.ts';
import type { Profile } from '../profile.ts';

const behind = (seconds: number) => ({ age }: Profile) => `max by (group) (${series('consumer_oldest_unhandled_age_seconds')}) > ${age(seconds)}`;

export const eventAlerts: readonly Alert[] = [
  {
    name: 'RelayStalled',
    severity: 'page',
    dashboard: 'events',
    expr: ({ age }) => `max(${series('relay_oldest_unpublished_age_seconds')}) > ${age(30)} or sum(${series('relay_active')}) == 0`,
    forSeconds: 60,
    summary: 'Events do not get onto Kafka',
    description: 'The oldest event that is not on Kafka yet has waited for {{ $value | humanizeDuration }}; 0: no service publishes.',
    runbook: {
      means: 'With Kafka only. Services don\'t hear of each other: what is submitted waits, what has ended doesn\'t show. Everything is in the event store and is published in its order as '
        + 'soon as somebody can.',
      look: ['StoreHorizonHeld fires too: it is the cause.', 'Are brokers there, and do services reach them? `/ready` says so; `grep \'relay paused\' service-logs/*.log` has the reason.',
        '*Who publishes?* shows 0 everywhere: the one that holds the lock of the relay in Postgres is paused or cut off. It is replaced by itself once the server has ended its session.'],
      mend: [
        'Bring the brokers back.',
        'Restart any service; one of all becomes the relay. That is safe: an event may come twice, which consumers expect.',
        'A topic was deleted: it is filled again by itself; `polyaxon admin refill-topics` publishes all once more.',
      ],
    },
  },
  {
    name: 'StoreHorizonHeld',
    severity: 'ticket',
    dashboard: 'events',
    expr: ({ age }) => `max(${series('store_xmin_age_seconds')}) > ${age(30)}`,
    forSeconds: 60,
    summary: 'An open transaction holds back all events',
    description: 'A transaction that has written something is open for {{ $value | humanizeDuration }}. No event that was appended since is heard by anybody.',
    runbook: {
      means: 'Readers of the event store stop at the oldest open transaction, so that none is ever skipped. Whoever leaves one open, also in another database of the same server, holds up '
        + 'everything that comes after. Nothing is lost.',
      look: ['`SELECT pid, usename, datname, application_name, state, xact_start, query FROM pg_stat_activity WHERE backend_xid IS NOT NULL ORDER BY xact_start;` The first row is it.',
        '`SELECT * FROM pg_prepared_xacts;` for those that nobody has finished.',
        'With a Postgres of your own the platform sees the transactions of other users only if its user has `pg_read_all_stats`; RelayStalled and ConsumerBehind see what they do all the same.'],
      mend: [
        '`SELECT pg_terminate_backend(<pid>);` or `ROLLBACK PREPARED \'<gid>\';`',
        'A session by hand in `psql`: end the transaction, or set `idle_in_transaction_session_timeout` for that user.',
        'A migration or dump that writes for long: let it end; events flow then.',
      ],
    },
  },
  {
    name: 'ConsumerBehind',
    severity: 'ticket',
    dashboard: 'events',
    expr: behind(60),
    forSeconds: 180,
    asPage: { expr: behind(300), forSeconds: 180 },
    summary: '{{ $labels.group }} is behind',
    description: '{{ $labels.group }} has not reacted to an event for {{ $value | humanizeDuration }}.',
    runbook: {
      means: 'Scheduler: runs neither begin nor stop. Storage-manager: outputs are neither prepared nor copied. Log-collector: runs don\'t become done. Gateway: users see old states. '
        + 'Nothing is lost, it comes later.',
      look: [
        'All groups at once: StoreHorizonHeld, RelayStalled, or a database that is slow.',
        'One group: *What is tried again?* with class `transient` names the surroundings, `permanent` and `bug` an event that ends up as a dead letter after five tries.',
        '*How long do reactions take?*: a reaction that takes seconds. Reactions only write down; work is elsewhere.'],
      mend: [
        'Mend the surroundings; consumers go on by themselves.',
        'With Kafka more instances share the partitions; with Postgres one instance works and the others stand by.',
        'Never move a cursor by hand: what is skipped never happens.',
      ],
    },
  },
  {
    name: 'DeadLetters',
    severity: 'ticket',
    dashboard: 'events',
    expr: () => `max by (group) (${series('dead_letters')}) > 0`,
    forSeconds: 300,
    summary: '{{ $labels.group }} has given up events',
    description: '{{ $value }} events could not be reacted to by {{ $labels.group }}, and were set aside with the reason.',
    runbook: {
      means: 'What these events ask for has not happened: an experiment may wait for ever. Everything behind them goes on.',
      look: ['`polyaxon admin dead-letters` shows stream, type, tries and reason.', '`npm run story -- <experiment>` shows what the event belongs to.'],
      mend: [
        'Mend the reason: a full disk, a right, a newer version.',
        '`polyaxon admin dead-letters --replay` tries all of them again; one that fails again stays, with its new reason.',
        'An event that can never be handled is a defect: keep its reason and its story for whoever mends it.',
      ],
    },
  },
  {
    name: 'FencedWrites',
    severity: 'ticket',
    dashboard: 'runs',
    expr: ({ window }) => `sum by (job, lease) (increase(${series('lease_refusals_total')}[${window(600)}])) > 0`,
    forSeconds: 0,
    summary: 'A replaced instance tried to act',
    description: 'An instance of {{ $labels.job }} acted for "{{ $labels.lease }}" after another one had taken over, and was refused {{ $value | humanize }} times.',
    runbook: {
      means: 'An instance was paused or cut off for longer than its lease, was replaced, and came back. It was refused, so nothing was done twice. If it goes on, two instances are at odds.',
      look: [
        '*Who does what only one may do?*: exactly one instance has an epoch above 0 for each lease.',
        'Why was it silent? A machine that sleeps, swaps, or was moved; a database that didn\'t answer. Its log has gaps in the times.',
      ],
      mend: ['Once: nothing to do.', 'Again and again: end the instance that is refused; give it more memory or another machine, or raise `POLYAXON_LEASE_SECONDS`.'],
    },
  },
];
