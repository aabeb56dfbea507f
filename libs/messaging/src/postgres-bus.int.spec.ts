// Does the bus inside the event store keep the promises of every bus?
import { busContract } from '#testing';
import { PostgresBus } from './index.ts';

busContract('the event store', (store) => ({ bus: new PostgresBus(store), close: async () => undefined }));
