// The api-gateway: the HTTP API, and what users see.
import { readConfiguration, runService } from '#service-host';
import { gatewayVariables } from './configuration.ts';
import { startGateway } from './gateway.ts';

await runService(async () => startGateway(readConfiguration(gatewayVariables, process.env)));
