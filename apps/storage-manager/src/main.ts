// How does the storage-manager start?
import { readConfiguration, runService, startService } from '#service-host';
import { variables } from './configuration.ts';
import { storageManager } from './storage-manager.module.ts';

await runService(async () => {
  const configuration = readConfiguration(variables, process.env);
  const { POLYAXON_DATABASE_URL: databaseUrl, POLYAXON_HOST: host, POLYAXON_PORT: port, POLYAXON_LOG_LEVEL: logLevel } = configuration;
  return startService('storage-manager', { databaseUrl, host, port, logLevel }, (foundation) => storageManager(configuration, foundation));
});
