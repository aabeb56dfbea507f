// How does a bare clone measure itself? `npm run bench [-- append,copy,...]`
import { prepare } from './prepare.mjs';

await prepare();
await import('../dist/bench/main.js');
