// What is a polyaxonfile, what does an override make of it, and what will run?
export { parseOverride, parsePolyaxonfile, type Override, type RawSpecification } from './parse.ts';
export { override } from './override.ts';
export { polyaxonfileSchema } from './sections.ts';
export { compile, type CompileOptions, type Specification } from './compile.ts';
export {
  searchAlgorithm, type BayesianOptimization, type EarlyStopping, type GaussianProcess, type Hptuning, type Hyperband, type Optimization, type SearchAlgorithm, type SearchMetric,
  type StoppingPolicy, type UtilityFunction,
} from './hptuning.ts';
export { countedKinds, kindOf, type Distribution, type DistributionKind, type Distributions } from './distributions.ts';
export { type Port } from './params.ts';
export { difference } from './difference.ts';
export { cpuCores, devices, memoryBytes, resourcesOf } from './quantities.ts';
export { replicasOf, type Replica, type ReplicaRole } from './replicas.ts';
export { pythonLiteral, pythonText } from './python-text.ts';
export { type Json, type JsonMapping } from './json.ts';
export { nearest } from './nearest.ts';
