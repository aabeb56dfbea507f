// How does a bare clone start the platform? `npm start`
import { prepare } from './prepare.mjs';

await prepare();
await import('../dist/apps/supervisor/src/main.js');
