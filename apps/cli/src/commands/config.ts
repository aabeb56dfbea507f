// Where is the platform, and which versions speak to each other?
import { readFileSync } from 'node:fs';
import { usageFailure } from '../failure.ts';
import type { Run, Tree } from '../tree.ts';
import { properties } from '../tables.ts';
import type { Session } from '../session.ts';
import { ConnectionLost } from '../transport.ts';

interface SetOptions {
  readonly host?: string;
  readonly port?: string;
  readonly useHttps?: string;
}

export function defineConfig(tree: Tree): void {
  const config = tree.noun('config', 'Where the platform is');
  tree
    .command(config, 'set', 'name another platform', async () => set)
    .option('--host <host>', 'name or address')
    .option('--port <port>', 'of its HTTP API')
    .option('--use-https <true|false>', 'encrypted');
  tree.command(config, 'get [keys...]', 'the value of host, port or use_https', async () => get);
  tree.command(config, 'list', 'all of them', async () => list);
  tree.command(config, 'purge', 'back to the defaults', async () => purge);
  tree
    .command(tree.root, 'version', 'of this program, and of the platform', async () => version)
    .option('--cli', 'of this program only')
    .option('--platform', 'of the platform only');
}

const set: Run<SetOptions> = async ({ user, out }, { host, port, useHttps }) => {
  if (host === undefined && port === undefined && useHttps === undefined)
    throw usageFailure('nothing to set was given', 'polyaxon config set --host HOST --port PORT');
  const configuration = user.set({ host, port, use_https: useHttps });
  await out.said('Config was updated.', configuration, configuration.host);
};

const get: Run<object, [string[]]> = async (session, _options, keys) => {
  const configuration: Readonly<Record<string, string | number | boolean>> = { ...session.user.configuration };
  const names = keys.map((key) => key.replaceAll('-', '_'));
  const unknown = names.find((name) => !Object.hasOwn(configuration, name));
  if (unknown !== undefined) throw usageFailure(`there is no setting ${JSON.stringify(unknown)}; there are ${Object.keys(configuration).join(', ')}`);
  await show(session, names.length === 0 ? configuration : Object.fromEntries(names.map((name) => [name, configuration[name]!])));
};

const list: Run<object> = async (session) => show(session, { ...session.user.configuration });

async function show({ out }: Session, settings: Readonly<Record<string, string | number | boolean>>): Promise<void> {
  await out.result(settings, { text: (paint) => properties(settings, paint), name: Object.values(settings).map(String) });
}

const purge: Run<object> = async ({ user, out }) => {
  user.purge();
  await out.said('Config was removed.', {}, '');
};

const version: Run<{ readonly cli?: boolean; readonly platform?: boolean }> = async (session, { cli, platform }) => {
  const both = Boolean(cli) === Boolean(platform);
  const versions = {
    ...((both || cli) && { cli: ownVersion() }),
    ...((both || platform) && { platform: await platformVersion(session, both) }),
  };
  const known = Object.values(versions).filter((one) => one !== null);
  await session.out.result(versions, { text: (paint) => properties(versions, paint), name: known });
};

/** Null: nobody answers, which `version` alone tolerates. */
async function platformVersion({ api, out }: Session, tolerant: boolean): Promise<string | null> {
  try {
    return (await api.get<{ readonly latest_version: string }>('/versions/platform')).latest_version;
  } catch (error) {
    if (!tolerant || !(error instanceof ConnectionLost)) throw error;
    out.notice(error.message);
    return null;
  }
}

/** From the package this program was built in. */
function ownVersion(): string {
  const text = readFileSync(new URL('../../../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
