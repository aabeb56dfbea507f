// How does the page look in the docs? `npm run screenshots`
import { prepare } from './prepare.mjs';

await prepare();
await import('../dist/tools/screenshots/screenshots.js');
