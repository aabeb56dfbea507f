// At which step does a process of the platform stand still, because a test wants to kill something there? Loaded into every service with `node --import`; nothing of it is
// in the product: it stands between the services and their database, where every step is written down.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const folder = process.env.FAULTS_FOLDER;
const service = /apps\/([a-z-]+)\/src\/main\.js$/.exec(process.argv[1] ?? '')?.[1];

if (folder && service) {
  const { Client } = createRequire(process.argv[1])('pg');
  const query = Client.prototype.query;
  /** Connections whose transaction has taken the step; it counts when it is committed. */
  const taken = new WeakSet();

  Client.prototype.query = function watched(config, values, callback) {
    const text = typeof config === 'string' ? config : config?.text;
    const step = text && armed();
    if (!step) return query.call(this, config, values, callback);
    if (text === 'ROLLBACK') taken.delete(this);
    if (text === 'COMMIT' && taken.delete(this)) return halted(query.call(this, config, values, callback), step);
    const given = Array.isArray(values) ? values : config?.values;
    if (step.query) return step.query === config?.name && given?.includes(step.experimentId) ? halted(query.call(this, config, values, callback), step) : query.call(this, config, values, callback);
    if (!isStep(step, text, given)) return query.call(this, config, values, callback);
    if (step.moment === 'before') {
      halt(step);
      return query.call(this, config, values, callback);
    }
    taken.add(this);
    return query.call(this, config, values, callback);
  };

  function armed() {
    try {
      const step = JSON.parse(readFileSync(join(folder, 'armed.json'), 'utf8'));
      return step.service === service ? step : undefined;
    } catch {
      return undefined;
    }
  }

  /** An event that is appended, or a row of work that is written down, of one experiment. */
  function isStep({ event, table, experimentId }, text, given) {
    const said = JSON.stringify(given ?? []).replaceAll('\\', '');
    if (event) return text.includes('INSERT INTO event_store.messages') && said.includes(`"${event}"`) && new RegExp(`"experimentId":${experimentId}\\b`).test(said);
    return text.includes(`INSERT INTO ${table}`) && new RegExp(`\\b${experimentId}\\b`).test(said);
  }

  async function halted(result, step) {
    const done = await result;
    halt(step);
    return done;
  }

  /** One process takes it, and stands still until the test wakes it, if ever. */
  function halt() {
    try {
      renameSync(join(folder, 'armed.json'), join(folder, 'taken.json'));
    } catch {
      return;
    }
    writeFileSync(join(folder, 'halted.part'), String(process.pid));
    renameSync(join(folder, 'halted.part'), join(folder, 'halted'));
    process.kill(process.pid, 'SIGSTOP');
  }
}
