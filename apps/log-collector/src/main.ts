// How does the log-collector start?
import { readConfiguration, runService, startService } from '#service-host';
import { variables } from './configuration.ts';
import { logCollector } from './log-collector.module.ts';

await runService(async () => {
  const configuration = readConfiguration(variables, process.env);
  const { POLYAXON_DATABASE_URL: databaseUrl, POLYAXON_HOST: host, POLYAXON_PORT: port, POLYAXON_LOG_LEVEL: logLevel } = configuration;
  return startService('log-collector', { databaseUrl, host, port, logLevel }, (foundation) => logCollector(configuration, foundation));
});
