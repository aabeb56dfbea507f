// How does each alert go: silent while all is well, firing with these words, and silent again?

export interface Timeline {
  readonly alert: string;
  /** What happens, when it is not plain from the name. */
  readonly when?: string;
  /** Of one sample and the next. */
  readonly everySeconds?: number;
  /** In promtool's words; `polyaxon_` goes without saying. */
  readonly series: Readonly<Record<string, string>>;
  /** Minutes. */
  readonly silentAt: number;
  readonly firesAt: number;
  readonly resolvedAt: number;
  /** `severity` among them. */
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly description: string;
  /** A ticket that is a page, too. */
  readonly alsoPage?: true;
  readonly recorded?: { readonly expr: string; readonly at: number; readonly value: number };
}

const user = 'job="api-gateway", method="GET", route="/api/v1/:user/:project"';
/** Of those who look after it: no user, however often they fail. */
const probe = 'http_requests_total{job="api-gateway", method="GET", route="/ready", code="5xx"}';

export const timelines: readonly Timeline[] = [
  {
    alert: 'GatewayBudgetFastBurn', when: '10 % of the requests fail for half an hour',
    series: { [`http_requests_total{${user}, code="2xx"}`]: '0+54x200', [`http_requests_total{${user}, code="5xx"}`]: '0+0x60 6+6x29 180+0x100', [probe]: '0+60x200' },
    silentAt: 60, firesAt: 90, resolvedAt: 120, labels: { severity: 'page' },
    summary: 'Many requests to the gateway fail',
    description: '10% of the requests of the last 5 minutes were answered with 5xx. At this pace the errors allowed for 30 days are used up in two days.',
    recorded: { expr: 'polyaxon:gateway_error_ratio:rate5m', at: 90, value: 0.1 },
  },
  {
    alert: 'GatewayBudgetSlowBurn', when: '5 % of 2 requests a second fail for two hours',
    series: { [`http_requests_total{${user}, code="2xx"}`]: '0+114x700', [`http_requests_total{${user}, code="5xx"}`]: '0+0x400 6+6x119 720+0x200' },
    silentAt: 400, firesAt: 520, resolvedAt: 560, labels: { severity: 'ticket' },
    summary: 'Some requests to the gateway keep failing',
    description: '5% of the requests of the last 30 minutes were answered with 5xx, and so it was for six hours. At this pace the errors allowed for 30 days are used up in five.',
    recorded: { expr: 'polyaxon:gateway_requests:rate30m', at: 520, value: 2 },
  },
  {
    alert: 'TargetMissing', when: 'a service does not answer',
    series: { 'up{job="api-gateway"}': '1+0x40', 'up{job="scheduler", instance="127.0.0.1:1"}': '1+0x10 0+0x10 1+0x20', 'up{job="storage-manager"}': '1+0x40', 'up{job="log-collector"}': '1+0x40' },
    silentAt: 10, firesAt: 15, resolvedAt: 25, labels: { severity: 'page', job: 'scheduler', instance: '127.0.0.1:1' },
    summary: 'scheduler does not answer',
    description: 'scheduler at 127.0.0.1:1 has not answered Prometheus for two minutes, or Prometheus is not told where it is.',
  },
  {
    alert: 'TargetMissing', when: 'Prometheus has lost a service',
    series: { 'up{job="api-gateway"}': '1+0x40', 'up{job="scheduler"}': '1+0x40', 'up{job="storage-manager"}': '1+0x10 _x15 1+0x20', 'up{job="log-collector"}': '1+0x40' },
    silentAt: 10, firesAt: 22, resolvedAt: 30, labels: { severity: 'page', job: 'storage-manager' },
    summary: 'storage-manager does not answer',
    description: 'storage-manager has not answered Prometheus for two minutes, or Prometheus is not told where it is.',
  },
  {
    alert: 'ViewStale', series: { 'consumer_oldest_unhandled_age_seconds{group="api-gateway"}': '0+0x10 20+60x5 0+0x20', 'consumer_oldest_unhandled_age_seconds{group="scheduler"}': '0+60x40' },
    silentAt: 10, firesAt: 14, resolvedAt: 20, labels: { severity: 'ticket' },
    summary: 'What users see is old', description: 'The gateway shows what was true 3m 20s ago.',
  },
  {
    alert: 'RelayStalled', when: 'nothing gets onto Kafka',
    series: { relay_oldest_unpublished_age_seconds: '0+0x10 40+60x5 0+0x20', 'relay_active{job="scheduler"}': '1+0x40', 'relay_active{job="api-gateway"}': '0+0x40' },
    silentAt: 10, firesAt: 13, resolvedAt: 20, labels: { severity: 'page' },
    summary: 'Events do not get onto Kafka', description: 'The oldest event that is not on Kafka yet has waited for 2m 40s; 0: no service publishes.',
  },
  {
    alert: 'RelayStalled', when: 'nobody publishes',
    series: { relay_oldest_unpublished_age_seconds: '0+0x40', 'relay_active{job="scheduler"}': '1+0x10 0+0x10 1+0x20', 'relay_active{job="api-gateway"}': '0+0x40' },
    silentAt: 10, firesAt: 13, resolvedAt: 25, labels: { severity: 'page' },
    summary: 'Events do not get onto Kafka', description: 'The oldest event that is not on Kafka yet has waited for 0s; 0: no service publishes.',
  },
  {
    alert: 'StoreHorizonHeld', series: { store_xmin_age_seconds: '0+0x10 40+60x5 0+0x20' },
    silentAt: 10, firesAt: 13, resolvedAt: 20, labels: { severity: 'ticket' },
    summary: 'An open transaction holds back all events',
    description: 'A transaction that has written something is open for 2m 40s. No event that was appended since is heard by anybody.',
  },
  {
    alert: 'ConsumerBehind', when: 'a minute', series: { 'consumer_oldest_unhandled_age_seconds{group="scheduler"}': '0+0x10 70+60x10 0+0x20', 'consumer_oldest_unhandled_age_seconds{group="log-collector"}': '0+0x40' },
    silentAt: 10, firesAt: 14, resolvedAt: 25, labels: { severity: 'ticket', group: 'scheduler' },
    summary: 'scheduler is behind', description: 'scheduler has not reacted to an event for 4m 10s.',
  },
  {
    alert: 'ConsumerBehind', when: 'five minutes', series: { 'consumer_oldest_unhandled_age_seconds{group="scheduler"}': '0+0x10 70+60x10 0+0x20' },
    silentAt: 10, firesAt: 19, resolvedAt: 25, labels: { severity: 'ticket', group: 'scheduler' }, alsoPage: true,
    summary: 'scheduler is behind', description: 'scheduler has not reacted to an event for 9m 10s.',
  },
  {
    alert: 'DeadLetters', series: { 'dead_letters{group="storage-manager"}': '0+0x10 2+0x10 0+0x20', 'dead_letters{group="scheduler"}': '0+0x40' },
    silentAt: 10, firesAt: 17, resolvedAt: 25, labels: { severity: 'ticket', group: 'storage-manager' },
    summary: 'storage-manager has given up events', description: '2 events could not be reacted to by storage-manager, and were set aside with the reason.',
  },
  {
    alert: 'FencedWrites', series: { 'lease_refusals_total{job="scheduler", lease="scheduler: runs"}': '0+0x20 3+0x40', 'lease_refusals_total{job="log-collector", lease="log-collector: consoles"}': '0+0x60' },
    silentAt: 20, firesAt: 22, resolvedAt: 40, labels: { severity: 'ticket', job: 'scheduler', lease: 'scheduler: runs' },
    summary: 'A replaced instance tried to act',
    description: 'An instance of scheduler acted for "scheduler: runs" after another one had taken over, and was refused 3 times.',
  },
  {
    alert: 'RunsStuck', when: 'others wait for a slot, as they should',
    series: { 'run_oldest_waiting_age_seconds{reason="outputs"}': '0+0x10 60+60x30 0+0x20', 'run_oldest_waiting_age_seconds{reason="slots"}': '0+60x60', 'run_oldest_waiting_age_seconds{reason="copy"}': '0+60x60' },
    silentAt: 20, firesAt: 27, resolvedAt: 45, labels: { severity: 'page', reason: 'outputs' },
    summary: 'A run waits, and it is not its turn that it waits for', description: 'A run has waited 17m 0s for: outputs.',
  },
  {
    alert: 'ResumeWithoutLoad', when: 'its checkpoint was not read', series: { 'resume_loads_total{result="not_loaded"}': '0+0x30 1+0x40', 'resume_loads_total{result="proven"}': '0+1x70' },
    silentAt: 30, firesAt: 32, resolvedAt: 60, labels: { severity: 'page' },
    summary: 'A run was given a checkpoint and began at zero',
    description: '1 attempts of the last 15 minutes ended, or count their steps, as if the checkpoint they were given had not been there.',
  },
  {
    alert: 'ResumeWithoutLoad', when: 'its steps begin at zero', series: { 'resume_loads_total{result="started_at_zero"}': '0+0x30 1+0x40', 'resume_loads_total{result="proven"}': '0+1x70' },
    silentAt: 30, firesAt: 32, resolvedAt: 60, labels: { severity: 'page' },
    summary: 'A run was given a checkpoint and began at zero',
    description: '1 attempts of the last 15 minutes ended, or count their steps, as if the checkpoint they were given had not been there.',
  },
  {
    alert: 'CheckpointDamaged', when: 'one was set aside', series: { 'checkpoint_verifications_total{verdict="damaged"}': '0+0x40 1+0x60', 'checkpoint_verifications_total{verdict="whole"}': '0+1x100' },
    silentAt: 40, firesAt: 42, resolvedAt: 80, labels: { severity: 'ticket' },
    summary: 'A checkpoint is damaged', description: '1 checkpoints that a run was to go on from in the last 30 minutes were damaged.',
  },
  {
    alert: 'CheckpointDamaged', when: 'all were, so the resume was refused', series: { 'refusals_total{code="checkpoints-damaged"}': '0+0x40 2+0x60', 'refusals_total{code="outputs-empty"}': '0+1x100' },
    silentAt: 40, firesAt: 42, resolvedAt: 80, labels: { severity: 'ticket' },
    summary: 'A checkpoint is damaged', description: '2 checkpoints that a run was to go on from in the last 30 minutes were damaged.',
  },
  {
    alert: 'LostWorkHigh', when: 'all is lost for four hours of a day', everySeconds: 300,
    series: { 'lost_work_seconds_total{cause="failed"}': '0+0x300 300+300x47 14400+0x500', 'lost_work_seconds_total{cause="stopped"}': '0+0x900', work_seconds_total: '0+300x900' },
    silentAt: 1500, firesAt: 1750, resolvedAt: 3300, labels: { severity: 'ticket' },
    summary: 'Much work is lost at the end of runs',
    description: '16.67% of the time that programs ran in the last day was after their last checkpoint, and they did not succeed.',
  },
  {
    alert: 'CopyStalled', series: { copy_oldest_progress_age_seconds: '0+0x10 60+60x10 0+0x20' },
    silentAt: 10, firesAt: 16, resolvedAt: 25, labels: { severity: 'ticket' },
    summary: 'A copy does not get on', description: 'A copy of outputs has copied nothing for 6m 0s.',
  },
  {
    alert: 'StorageFullSoon', when: 'another is as full, and does not fill up',
    series: {
      'storage_free_bytes{store="default"}': '60000000000+0x400 60000000000-100000000x400 400000000000+0x100', 'storage_size_bytes{store="default"}': '500000000000+0x901',
      'storage_free_bytes{store="cold"}': '5000000000+0x901', 'storage_size_bytes{store="cold"}': '500000000000+0x901',
    },
    silentAt: 400, firesAt: 795, resolvedAt: 850, labels: { severity: 'page', store: 'default' },
    summary: 'The store default will be full within a day',
    description: 'Less than 15 % of the store default is free, and at the pace of the last six hours nothing will be tomorrow.',
  },
  {
    alert: 'LogGaps', when: 'output is missing', series: { 'log_gaps_total{reason="cut"}': '0+0x20 1+0x40', log_archive_oldest_age_seconds: '0+0x60' },
    silentAt: 20, firesAt: 22, resolvedAt: 45, labels: { severity: 'ticket' },
    summary: 'Console output is missing, or late', description: 'Console output of a run is missing, or a run that is over is not archived (1).',
  },
  {
    alert: 'LogGaps', when: 'an end is late', series: { 'log_gaps_total{reason="cut"}': '0+0x60', log_archive_oldest_age_seconds: '0+0x20 0+60x10 0+0x30' },
    silentAt: 20, firesAt: 31, resolvedAt: 45, labels: { severity: 'ticket' },
    summary: 'Console output is missing, or late', description: 'Console output of a run is missing, or a run that is over is not archived (600).',
  },
];
