// Which types does `npm run generate` write JSON Schemas of?
import type { EventsOf } from '../topics.ts';

export type EventsByCategory = EventsOf;
