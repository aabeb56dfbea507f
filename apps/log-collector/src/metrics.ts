// What can be seen of the archiving from outside?
import { Counter, Gauge } from 'prom-client';

export const bytesArchived = new Counter({ name: 'polyaxon_log_bytes_total', help: 'bytes of console text written to run.log' });
export const linesArchived = new Counter({ name: 'polyaxon_log_lines_total', help: 'lines of console text written to run.log' });
export const bytesLost = new Counter({ name: 'polyaxon_log_bytes_lost_total', help: 'console bytes that could not be had, at least' });
export const archivesFailed = new Counter({ name: 'polyaxon_log_archives_failed_total', help: 'attempts whose console output was given up' });
export const consolesFollowed = new Gauge({ name: 'polyaxon_log_consoles_followed', help: 'attempts whose console output is being archived' });
export const lag = new Gauge({ name: 'polyaxon_log_lag_bytes', help: 'console bytes known but not archived yet' });
