// What does a test of any part need?
export { openTestStore, type TestStore } from './database.ts';
export { until } from './until.ts';
export { killAllIn } from './processes.ts';
export { aClone, anOrder, aTime, copyRequested, created, done, restarted, resumed } from './controls.ts';
export { describeWithKafka, hasKafka, kafkaSettings, openKafkaBus, type TestKafka } from './kafka.ts';
export { busContract, type OpenedBus } from './contracts/bus.ts';
export { fileTreeContract, type OpenedTree } from './contracts/file-tree.ts';
export { aGroup, aMember, groupCreated, groupDone, groupResumeRequested, groupStopRequested, iterationEnded, iterationStarted } from './groups.ts';
export { faultyProxy, type Fate, type FaultyProxy } from './faulty-proxy.ts';
export { hasPrometheus } from './prometheus.ts';
export { addKindsOf, startOperator, withCluster, withOperators, type Cluster } from './cluster.ts';
export { withS3, type S3Store } from './s3.ts';
export { versitygw } from '../../../tools/stack/s3/servers.ts';
export { startS3Server, type S3Server } from '../../../tools/stack/s3/start.ts';
export { makeCertificates } from '../../../tools/stack/kafka/certificates.ts';
export { Random } from './random.ts';
