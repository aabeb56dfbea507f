// How does the log-collector start?
import { readConfiguration, runService, serviceBase, startService } from '#service-host';
import { variables } from './configuration.ts';
import { logCollector } from './log-collector.module.ts';

await runService(async () => {
  const configuration = readConfiguration(variables, process.env);
  return startService('log-collector', serviceBase(configuration), (foundation) => logCollector(configuration, foundation));
});
