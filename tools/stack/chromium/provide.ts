// Which browser do the tests of the web page use, and how does it get onto this machine?
import { spawnSync } from 'node:child_process';
import { installPackages } from '../debian.ts';
import type { Tell } from '../program.ts';

const debian = 'chromium';

/** Undefined: there is none. */
export function chromiumPath(): string | undefined {
  const { status, stdout } = spawnSync('sh', ['-c', 'command -v chromium || command -v chromium-browser || command -v google-chrome'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** What keeps a test from using one; undefined: nothing. */
export function missingChromium(): string | undefined {
  return chromiumPath() === undefined ? `the web page is tried in a real Chromium: apt-get install --no-install-recommends ${debian}` : undefined;
}

export async function provideChromium(tell: Tell): Promise<void> {
  const missing = missingChromium();
  if (missing !== undefined) await installPackages([debian], missing, tell);
}

/** Quiet towards everybody but the page, and without a sandbox where root is not allowed one. */
export const chromiumFlags: readonly string[] = [
  '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];
