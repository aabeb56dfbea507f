// How does the scheduler start?
import { readConfiguration, runService, serviceBase, startService } from '#service-host';
import { variables } from './configuration.ts';
import { scheduler } from './scheduler.module.ts';

await runService(async () => {
  const configuration = readConfiguration(variables, process.env);
  return startService('scheduler', serviceBase(configuration), (foundation) => scheduler(configuration, foundation));
});
