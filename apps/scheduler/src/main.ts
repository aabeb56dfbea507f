// How does the scheduler start?
import { readConfiguration, runService, startService } from '#service-host';
import { variables } from './configuration.ts';
import { scheduler } from './scheduler.module.ts';

await runService(async () => {
  const configuration = readConfiguration(variables, process.env);
  const { POLYAXON_DATABASE_URL: databaseUrl, POLYAXON_HOST: host, POLYAXON_PORT: port, POLYAXON_LOG_LEVEL: logLevel } = configuration;
  return startService('scheduler', { databaseUrl, host, port, logLevel }, (foundation) => scheduler(configuration, foundation));
});
