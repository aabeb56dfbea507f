// What does every service need around its own idea?
export {
  choice, codeRoot, ConfigurationInvalid, integer, kafkaVariables, logsRoot, outputsRoot, port, readConfiguration, runsRoot, secret, serviceVariables, text, url, urls,
  type ConfigurationOf, type Environment, type Variable, type Variables,
} from './configuration.ts';
export { About } from './about.ts';
export { correlationHeader } from './observing/requests.ts';
export { openLog, type Logger } from './log.ts';
export { ProblemFilter, problemOf } from './problem.ts';
export { type ReadinessCheck, type ReadinessChecks } from './health.ts';
export { catalogue, metricPrefix, type LabelOf, type LabelValues, type MetricName, type NamesOf } from './metrics/catalogue.ts';
export { services } from './metrics/every-service.ts';
export { counter, gauge, histogram, type CounterOf, type GaugeOf, type HistogramOf } from './metrics/instruments.ts';
export { toldAtStart, type Metric, type Unit } from './metrics/metric.ts';
export { InternalOnly, internalOnly, internalTokenHeader } from './internal-token.ts';
export { readRunToken, signRunToken, type RunIdentity } from './run-token.ts';
export { kafkaSettings, serviceBase } from './service-base.ts';
export { namedStores, storesVariables, type NamedStore } from './stores-file.ts';
export { codeProblem, codeTrees, s3ConfigurationOf, s3Variables, settingsOf, storeVariable, type S3Configuration } from './stores.ts';
export { platformVersion } from './version.ts';
export { runService, startService, type Foundation, type Parts, type RunningService, type ServiceBase } from './service.ts';
