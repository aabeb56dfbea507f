// What can be seen of the archiving from outside?
import { counter, gauge, histogram } from '#service-host';

export const bytesArchived = counter('log_bytes_total');
export const linesArchived = counter('log_lines_total');
export const bytesLost = counter('log_bytes_lost_total');
export const archivesFailed = counter('log_archives_failed_total');
export const consolesFollowed = gauge('log_consoles_followed');
export const lag = gauge('log_lag_bytes');
export const gaps = counter('log_gaps_total');
export const delay = histogram('log_delay_seconds');
export const archivesPending = gauge('log_archives_pending');
export const oldestEnding = gauge('log_archive_oldest_age_seconds');
