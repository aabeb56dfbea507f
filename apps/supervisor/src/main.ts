// How does the platform start on one machine, and stop?
import { homedir } from 'node:os';
import { ConfigurationInvalid, readConfiguration } from '#service-host';
import { CannotStart } from './cannot-start.ts';
import { givenBy, variables } from './configuration.ts';
import { liveRuns, startPlatform, type RunningPlatform } from './platform.ts';

/** npm passes on the Ctrl-C that the terminal has sent to all by itself: what comes at once again is the same one. */
const sameWithinMs = 1000;

const tell = (line: string) => void process.stderr.write(`${line}\n`);
const asked = new AbortController();
let askedAt = 0;
let platform: RunningPlatform | undefined;

process.on('SIGUSR2', () => void replaceAll());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, leave);

try {
  const configuration = readConfiguration(variables, { ...process.env, ...givenBy(process.argv.slice(2)) });
  platform = await startPlatform(configuration, tell, asked.signal);
  if (asked.signal.aborted) await stop(platform);
  const { POLYAXON_ADMIN_USER: username } = configuration;
  const { url, urls, home, loggedIn } = platform;
  if (urls.length > 1) tell(`the other gateways: ${urls.slice(1).join(', ')}`);
  if (!loggedIn) tell(`the command line is logged in elsewhere; for this platform: polyaxon config set --host 127.0.0.1 --port ${new URL(url).port} && polyaxon login -u ${username}`);
  if (platform.isNew) tell(`the password of ${username} is in ${home}/admin-password`);
  process.stdout.write(`Polyaxon is ready at ${url} (user ${username}, home ${home.replace(homedir() + '/', '~/')})\n`);
} catch (error) {
  if (asked.signal.aborted) process.exit(0);
  if (error instanceof CannotStart) tell(`${error.message}\n${error.fix}`);
  else tell(error instanceof ConfigurationInvalid ? error.message : String((error as Error).stack));
  process.exit(1);
}

function leave(): void {
  const now = performance.now();
  if (asked.signal.aborted) {
    if (now - askedAt > sameWithinMs) process.exit(130);
    return;
  }
  askedAt = now;
  asked.abort();
  tell('stopping ... (Ctrl-C once more to leave at once)');
  if (platform) void stop(platform);
}

/** For a new version that was installed in place: while one instance of a service is replaced, the others go on. */
async function replaceAll(): Promise<void> {
  try {
    await platform?.replaceAll();
    if (platform) tell('all services were replaced');
  } catch (error) {
    tell(`not all services could be replaced: ${(error as Error).message}`);
  }
}

async function stop(running: RunningPlatform): Promise<never> {
  try {
    await running.stop();
    const runs = await liveRuns(running.home);
    if (runs > 0) tell(`${runs} run${runs > 1 ? 's go' : ' goes'} on; ${runs > 1 ? 'they' : 'it'} will be found again at the next start`);
    process.exit(0);
  } catch (error) {
    tell(String((error as Error).stack));
    process.exit(1);
  }
}
