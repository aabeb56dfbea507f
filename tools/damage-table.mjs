// Which damage to checkpoints is found? `npm run damage-table` writes docs/checkpoint-damage.md.
import { prepare } from './prepare.mjs';

await prepare();
await import('../dist/tools/damage/table.js');
