// What happened to one experiment, in order? `npm run story -- 23`
import { prepare } from './prepare.mjs';

await prepare();
await import('../dist/tools/story/story.js');
