// Which types does `npm run generate` write JSON Schemas of?
import type { Event } from '../topics.ts';

export type AnyEvent = Event;
