// Which dashboards are there?
import type { Dashboard } from './dashboard.ts';
import { events } from './dashboards/events.ts';
import { runs } from './dashboards/runs.ts';
import { served } from './dashboards/served.ts';
import { services } from './dashboards/services.ts';
import { storage } from './dashboards/storage.ts';
import { work } from './dashboards/work.ts';

export const dashboards: readonly Dashboard[] = [served, runs, work, storage, events, services];
