// Does the demo come true, from the first command to the closing table?
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './platform.ts';

it('npm run demo ends with everything true', () => {
  const { status, stdout } = spawnSync(process.execPath, [join(root, 'tools/demo.mjs')], { cwd: root, encoding: 'utf8', timeout: 240_000 });
  expect(stdout).not.toContain('FALSE');
  expect(stdout.match(/^true {3}/gm)?.length).toBeGreaterThan(10);
  expect(stdout).toMatch(/succeeded +│ 1 \(resume\)/);
  expect(status).toBe(0);
}, 300_000);
