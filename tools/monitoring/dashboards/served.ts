// What is looked at to know whether users are served?
import { interval, type Dashboard } from '../dashboard.ts';
import { bucketsOf, quantile, series } from '../expression.ts';
import { allowedErrors, failedRequests, names, requests } from '../recording-rules.ts';

export const served: Dashboard = {
  name: 'served',
  title: 'Are users served?',
  description: 'What those see who ask the gateway. Red here is felt by somebody.',
  panels: [
    { type: 'stat', title: 'How much may still fail in these 30 days?', description: `Of 1,000 requests one may be answered with 5xx. Below 0 more did.`, unit: 'percentunit', width: 6,
      asks: [[`1 - ${failedRequests('30d')} / ${requests('30d')} / ${allowedErrors}`, 'left']] },
    { type: 'stat', title: 'How fast is that used up now?', description: '1 uses it up in exactly 30 days. From 14.4 on somebody is woken.', unit: 'short', width: 6,
      asks: [[`${names.gatewayErrorRatio(3600)} / ${allowedErrors}`, 'in the last hour']] },
    { type: 'stat', title: 'Are all services ready?', description: 'What `/ready` of each says: 1 yes, 0 no.', unit: 'bool', width: 12, asks: [[`min by (job) (${series('ready')})`, '{{job}}']] },
    { type: 'table', title: 'What is wrong now?', description: 'Alerts that fire. Each has a runbook.', unit: 'none', width: 12, empty: 'when healthy',
      asks: [['sum by (alertname, severity) (ALERTS{alertstate="firing"})', '{{alertname}}']] },
    { type: 'timeseries', title: 'What can be used?', description: 'The least of what each service says of what it stands on: 1 it can be used, 0 it can\'t.', unit: 'bool', width: 12,
      asks: [[`min by (job, dependency) (${series('dependency_up')})`, '{{job}}: {{dependency}}']] },
    { type: 'timeseries', title: 'How many requests are there, and how do they end?', description: '4xx are the caller\'s, 5xx are ours.', unit: 'reqps', width: 12,
      asks: [[`sum by (code) (rate(${series('http_requests_total', { job: 'api-gateway' })}[${interval}]))`, '{{code}}']] },
    { type: 'timeseries', title: 'Which routes fail?', description: 'Answers of 5xx a second; nothing when there are none.', unit: 'reqps', width: 12, empty: 'when healthy',
      asks: [[`sum by (job, method, route) (rate(${series('http_requests_total', { code: '5xx' })}[${interval}])) > 0`, '{{job}} {{method}} {{route}}']] },
    { type: 'timeseries', title: 'How long do requests take?', description: 'Of all but streams, half are faster than the first line, and 1 of 100 is slower than the last.', unit: 's', width: 12,
      asks: [0.5, 0.9, 0.99].map((share) => [quantile(share, 'http_request_duration_seconds', interval), `p${share * 100}`] as const) },
    { type: 'timeseries', title: 'Which routes are slow?', description: 'The five whose slowest of 100 is slowest. A stream lasts as long as it is listened to.', unit: 's', width: 12,
      asks: [[`topk(5, ${quantile(0.99, 'http_request_duration_seconds', interval, ['route'])})`, '{{route}}']] },
    { type: 'heatmap', title: 'How are the times of answers spread?', description: 'Each column is a time, each row a duration; the brighter, the more requests.', unit: 's', width: 12,
      asks: [[`sum by (le) (rate(${bucketsOf('http_request_duration_seconds', { job: 'api-gateway' })}[${interval}]))`, '{{le}}']] },
    { type: 'timeseries', title: 'What is asked of experiments, and how does that end?', description: 'repeated: the answer was given before, and nothing was done twice.', unit: 'ops', width: 12,
      asks: [[`sum by (verb, outcome) (rate(${series('commands_total')}[${interval}]))`, '{{verb}}: {{outcome}}']] },
    { type: 'timeseries', title: 'How long does what is asked of them take?', description: '1 of 100 takes longer. What is asked for has happened by then; the run itself comes later.', unit: 's', width: 12,
      asks: [[quantile(0.99, 'command_duration_seconds', interval, ['verb']), '{{verb}}']] },
    { type: 'timeseries', title: 'Who listens to what happens?', description: 'Streams of events that are open: a browser has one, however many tabs.', unit: 'short', width: 12,
      asks: [[`sum by (job) (${series('stream_clients')})`, 'streams']] },
    {
      type: 'timeseries', title: 'How many are being answered?', unit: 'short', width: 12,
      description: 'One that only rises: something that is needed hangs.',
      asks: [[`sum by (job) (${series('http_requests_in_flight')})`, '{{job}}']],
    },
    {
      type: 'timeseries', title: 'Who is not known?', unit: 'ops', width: 12,
      description: 'token: it is not valid. password: that or the name is wrong; many are somebody who guesses. run: its program reports after its end.',
      asks: [[`sum by (reason) (rate(${series('auth_failures_total')}[${interval}]))`, '{{reason}}']],
    },
    {
      type: 'timeseries', title: 'What was refused?', unit: 'ops', width: 12, empty: 'when healthy',
      description: 'By the code in the answer. Refusals are answers, no failures; many of one kind are a question to the docs.',
      asks: [[`sum by (code) (rate(${series('refusals_total')}[${interval}])) > 0`, '{{code}}']],
    },
  ],
};
