// Which alerts are there?
import type { Alert } from './alert.ts';
import { eventAlerts } from './alerts/events.ts';
import { servedAlerts } from './alerts/served.ts';
import { storageAlerts } from './alerts/storage.ts';
import { workAlerts } from './alerts/work.ts';

export const alerts: readonly Alert[] = [...servedAlerts, ...eventAlerts, ...workAlerts, ...storageAlerts];
