// How does a bare clone show what it can do? `npm run demo [-- --keep]`
import { prepare } from './prepare.mjs';

await prepare();
await import('../dist/tools/demo/demo.js');
