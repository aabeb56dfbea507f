// What is looked at to know whether events flow?
import { interval, range, type Dashboard } from '../dashboard.ts';
import { bucketsOf, quantile, series } from '../expression.ts';

const kafka = { empty: 'without Kafka', width: 8 } as const;

export const events: Dashboard = {
  name: 'events',
  title: 'Do events flow?',
  description: 'From the one who writes an event to those who react to it.',
  panels: [
    { type: 'stat', title: 'How far is each service behind?', description: 'Age of the oldest event it has not reacted to. Above a minute is ConsumerBehind.', unit: 's', width: 12,
      asks: [[`max by (group) (${series('consumer_oldest_unhandled_age_seconds')})`, '{{group}}']] },
    {
      type: 'stat', title: 'Was anything given up?', unit: 'short', width: 12,
      description: 'Dead letters that wait for somebody. `polyaxon admin dead-letters` shows them.',
      asks: [[`max by (group) (${series('dead_letters')})`, '{{group}}']],
    },
    {
      type: 'timeseries', title: 'How much happens?', unit: 'ops', width: 12,
      description: 'Events a second, by what they are about.',
      asks: [[`sum by (category) (rate(${series('events_appended_total')}[${interval}]))`, '{{category}}']],
    },
    { type: 'timeseries', title: 'How long do appends take?', description: 'Each statement by itself: 1 of 100 takes longer. When this rises, so does everything else.', unit: 's', width: 12,
      asks: [[quantile(0.99, 'append_duration_seconds', interval, ['category']), '{{category}}']] },
    { type: 'timeseries', title: 'What comes again?', description: 'Events that a service had reacted to before: after a crash or a takeover, and with Kafka now and then. They change nothing.', unit: 'ops', width: 12,
      asks: [[`sum by (group) (rate(${series('inbox_duplicates_total')}[${interval}]))`, '{{group}}']] },
    {
      type: 'timeseries', title: 'Are decisions made again?', unit: 'ops', width: 12,
      description: 'Two wanted to write to one stream at once; the second has decided again.',
      asks: [[`sum by (category) (rate(${series('append_conflicts_total')}[${interval}]))`, '{{category}}']],
    },
    {
      type: 'timeseries', title: 'Does a transaction hold back events?', unit: 's', width: 12,
      description: 'Age of the oldest one that has written and is open. Above 30 s is StoreHorizonHeld.',
      asks: [[`max(${series('store_xmin_age_seconds')})`, 'oldest']],
    },
    {
      type: 'timeseries', title: 'How far was each service behind?', unit: 's', width: 12,
      description: 'In seconds, never in messages: those say nothing of time.',
      asks: [[`max by (group) (${series('consumer_oldest_unhandled_age_seconds')})`, '{{group}}']],
    },
    {
      type: 'timeseries', title: 'How long does an event wait?', unit: 's', width: 12,
      description: 'From append to reaction: 1 of 100 waits longer.',
      asks: [[quantile(0.99, 'event_waited_seconds', interval, ['group']), '{{group}}']],
    },
    {
      type: 'heatmap', title: 'How are these waits spread?', unit: 's', width: 12,
      description: 'Each column is a time, each row a wait; the brighter, the more events.',
      asks: [[`sum by (le) (rate(${bucketsOf('event_waited_seconds')}[${interval}]))`, '{{le}}']],
    },
    { type: 'timeseries', title: 'How long do reactions take?', description: 'Each by itself: 1 of 100 takes longer. They only write down; work is elsewhere.', unit: 's', width: 12,
      asks: [[quantile(0.99, 'handler_duration_seconds', interval, ['group']), '{{group}}']] },
    {
      type: 'timeseries', title: 'What is tried again?', unit: 'ops', width: 12,
      description: 'transient: the surroundings, it waits for them. permanent and bug: perhaps the event, which becomes a dead letter.',
      asks: [[`sum by (group, class) (rate(${series('handler_retries_total')}[${interval}]))`, '{{group}}: {{class}}']],
    },
    {
      type: 'stat', title: 'What was given up?', unit: 'short', width: 12,
      description: 'In the time that is shown.',
      asks: [[`sum by (group) (increase(${series('dead_letters_total')}[${range}]))`, '{{group}}']],
    },
    {
      type: 'stat', title: 'Did anybody else write to our topics?', unit: 'short', width: 12,
      description: 'Messages on the bus that the event store does not know. They have no effect.',
      asks: [[`sum by (group) (increase(${series('foreign_messages_total')}[${range}]))`, '{{group}}']],
    },
    {
      type: 'timeseries', title: 'Who publishes?', unit: 'bool', ...kafka,
      description: 'With Kafka one of all services does: 1. None: RelayStalled.',
      asks: [[series('relay_active'), '{{job}} {{instance}}']],
    },
    {
      type: 'timeseries', title: 'How old is what is not published?', unit: 's', ...kafka,
      description: 'Above 30 s is RelayStalled.',
      asks: [[`max(${series('relay_oldest_unpublished_age_seconds')})`, 'oldest']],
    },
    { type: 'timeseries', title: 'How many are not published?', description: 'Counted up to 10,000.', unit: 'short', ...kafka, asks: [[`max(${series('relay_unpublished_messages')})`, 'events']] },
    {
      type: 'timeseries', title: 'How much is published?', unit: 'ops', ...kafka,
      description: 'Events a second that got onto Kafka.',
      asks: [[`sum by (topic) (rate(${series('relay_published_total')}[${interval}]))`, '{{topic}}']],
    },
  ],
};
