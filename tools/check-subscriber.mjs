// Is a subscriber of somebody's right, also when events come twice or it is killed? `npm run check-subscriber -- --command CMD --effects CMD`
import { prepare } from './prepare.mjs';

await prepare();
await (await import('../dist/tools/check-subscriber/command.js')).main(process.argv.slice(2));
