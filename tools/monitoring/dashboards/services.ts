// What is looked at to know how logs and the services themselves are?
import { services as all } from '#service-host';
import { interval, type Dashboard } from '../dashboard.ts';
import { quantile, series } from '../expression.ts';

const ours = `job=~"${all.join('|')}"`;

export const services: Dashboard = {
  name: 'services',
  title: 'How are logs and services?',
  description: 'Console output on its way into run.log, and what each process needs.',
  panels: [
    {
      type: 'stat', title: 'Who answers?', unit: 'bool', width: 12,
      description: '1: Prometheus gets an answer. 0, or not there at all: TargetMissing.',
      asks: [[`up{${ours}}`, '{{job}} {{instance}}']],
    },
    {
      type: 'table', title: 'Which versions run?', unit: 'none', width: 12,
      description: 'Two at once is right only while all are replaced.',
      asks: [[`count by (job, version) (${series('build_info')})`, '{{job}} {{version}}']],
    },
    {
      type: 'timeseries', title: 'How much is printed?', unit: 'ops', width: 8,
      description: 'Lines a second that got into run.log.',
      asks: [[`sum(rate(${series('log_lines_total')}[${interval}]))`, 'lines']],
    },
    {
      type: 'timeseries', title: 'How many bytes are that?', unit: 'Bps', width: 8,
      description: 'Of console output, a second.',
      asks: [[`sum(rate(${series('log_bytes_total')}[${interval}]))`, 'bytes']],
    },
    { type: 'timeseries', title: 'How many consoles are followed?', description: 'Attempts that print.', unit: 'short', width: 8, asks: [[`sum(${series('log_consoles_followed')})`, 'consoles']] },
    {
      type: 'timeseries', title: 'How much is printed and not archived yet?', unit: 'bytes', width: 8,
      description: 'A line that only rises: disk or store are too slow.',
      asks: [[`sum(${series('log_lag_bytes')})`, 'behind']],
    },
    {
      type: 'timeseries', title: 'How long does an end wait for its logs?', unit: 's', width: 8,
      description: 'Of the runs that are over and not archived. Above five minutes is LogGaps.',
      asks: [[`max(${series('log_archive_oldest_age_seconds')})`, 'oldest']],
    },
    { type: 'timeseries', title: 'How late does it get there?', description: 'From when it was printed to run.log: half is faster than the first line, 1 of 100 is slower than the last.', unit: 's', width: 12,
      asks: [0.5, 0.99].map((share) => [quantile(share, 'log_delay_seconds', interval), `p${share * 100}`] as const) },
    { type: 'timeseries', title: 'How many ends wait for their logs?', description: 'Runs that are over and not archived. They show as done when they are.', unit: 'short', width: 12,
      asks: [[`sum(${series('log_archives_pending')})`, 'runs']] },
    {
      type: 'timeseries', title: 'Why is console output missing?', unit: 'short', width: 8,
      description: 'gone: the file was removed. cut: the program has cut it off. given-up: run.log could not be written.',
      asks: [[`sum by (reason) (increase(${series('log_gaps_total')}[${interval}]))`, '{{reason}}']],
    },
    { type: 'timeseries', title: 'How busy is each process?', description: 'Processors it keeps busy; each service is one thread and its helpers, so 1 is full.', unit: 'percentunit', width: 12,
      asks: [[`rate(process_cpu_seconds_total{${ours}}[${interval}])`, '{{job}} {{instance}}']] },
    {
      type: 'timeseries', title: 'How much memory does each take?', unit: 'bytes', width: 12,
      description: 'Resident. A line that only rises over days is a leak.',
      asks: [[`process_resident_memory_bytes{${ours}}`, '{{job}} {{instance}}']],
    },
    {
      type: 'timeseries', title: 'How late does each process answer?', unit: 's', width: 12,
      description: 'Lag of the event loop: 1 of 100 callbacks waits longer. Above 0.1 s the process is overloaded.',
      asks: [[`nodejs_eventloop_lag_p99_seconds{${ours}}`, '{{job}} {{instance}}']],
    },
    {
      type: 'timeseries', title: 'How many files and connections are open?', unit: 'short', width: 12,
      description: 'Near the limit of the process nothing new can be opened.',
      asks: [[`process_open_fds{${ours}}`, '{{job}} {{instance}}']],
    },
    { type: 'stat', title: 'Who was started again?', description: 'Starts in the last hour. One that leaves again and again says why at the end of its log.', unit: 'short', width: 24,
      asks: [[`changes(process_start_time_seconds{${ours}}[1h])`, '{{job}} {{instance}}']] },
  ],
};
