// What is looked at to know how logs and the services themselves are?
import { services as all } from '#service-host';
import { interval, type Dashboard } from '../dashboard.ts';
import { series } from '../expression.ts';

const ours = `job=~"${all.join('|')}"`;

export const services: Dashboard = {
  name: 'services',
  title: 'How are logs and services?',
  description: 'Console output on its way into run.log, and what each process needs.',
  panels: [
    { type: 'stat', title: 'Who answers?', description: '1: Prometheus gets an answer. 0, or not there at all: TargetMissing.', unit: 'bool', width: 12, asks: [[`up{${ours}}`, '{{job}} {{instance}}']] },
    { type: 'table', title: 'Which versions run?', description: 'Two at once is right only while all are replaced.', unit: 'none', width: 12, asks: [[`count by (job, version) (${series('build_info')})`, '{{job}} {{version}}']] },
    { type: 'timeseries', title: 'How much is printed?', description: 'Lines a second that got into run.log.', unit: 'ops', width: 8, asks: [[`sum(rate(${series('log_lines_total')}[${interval}]))`, 'lines']] },
    { type: 'timeseries', title: 'How many bytes are that?', description: 'Of console output, a second.', unit: 'Bps', width: 8, asks: [[`sum(rate(${series('log_bytes_total')}[${interval}]))`, 'bytes']] },
    { type: 'timeseries', title: 'How many consoles are followed?', description: 'Attempts that print.', unit: 'short', width: 8, asks: [[`sum(${series('log_consoles_followed')})`, 'consoles']] },
    { type: 'timeseries', title: 'How much is printed and not archived yet?', description: 'A line that only rises: disk or store are too slow.', unit: 'bytes', width: 8, asks: [[`sum(${series('log_lag_bytes')})`, 'behind']] },
    { type: 'timeseries', title: 'How long does an end wait for its logs?', description: 'Of the runs that are over and not archived. Above five minutes is LogGaps.', unit: 's', width: 8, asks: [[`max(${series('log_archive_oldest_age_seconds')})`, 'oldest']] },
    { type: 'timeseries', title: 'Why is console output missing?', description: 'gone: the file was removed. cut: the program has cut it off. given-up: run.log could not be written.', unit: 'short', width: 8,
      asks: [[`sum by (reason) (increase(${series('log_gaps_total')}[${interval}]))`, '{{reason}}']] },
    { type: 'timeseries', title: 'How busy is each process?', description: 'Processors it keeps busy; each service is one thread and its helpers, so 1 is full.', unit: 'percentunit', width: 12,
      asks: [[`rate(process_cpu_seconds_total{${ours}}[${interval}])`, '{{job}} {{instance}}']] },
    { type: 'timeseries', title: 'How much memory does each take?', description: 'Resident. A line that only rises over days is a leak.', unit: 'bytes', width: 12, asks: [[`process_resident_memory_bytes{${ours}}`, '{{job}} {{instance}}']] },
    { type: 'timeseries', title: 'How late does each process answer?', description: 'Lag of the event loop: 1 of 100 callbacks waits longer. Above 0.1 s the process is overloaded.', unit: 's', width: 12,
      asks: [[`nodejs_eventloop_lag_p99_seconds{${ours}}`, '{{job}} {{instance}}']] },
    { type: 'timeseries', title: 'How many files and connections are open?', description: 'Near the limit of the process nothing new can be opened.', unit: 'short', width: 12, asks: [[`process_open_fds{${ours}}`, '{{job}} {{instance}}']] },
    { type: 'stat', title: 'Who was started again?', description: 'Starts in the last hour. One that leaves again and again says why at the end of its log.', unit: 'short', width: 24,
      asks: [[`changes(process_start_time_seconds{${ours}}[1h])`, '{{job}} {{instance}}']] },
  ],
};
