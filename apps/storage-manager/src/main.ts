// How does the storage-manager start?
import { readConfiguration, runService, serviceBase, startService } from '#service-host';
import { variables } from './configuration.ts';
import { storageManager } from './storage-manager.module.ts';

await runService(async () => {
  const configuration = readConfiguration(variables, process.env);
  return startService('storage-manager', serviceBase(configuration), (foundation) => storageManager(configuration, foundation));
});
