// Which setting is wrong when a store can't be used?
import type { StoreProblem } from '../storage.ts';
import { codeOf, isPassing, StoreBusy, type S3Settings } from './connection.ts';

type Setting = Exclude<StoreProblem['setting'], 'root'>;

const settings: Readonly<Record<string, Setting>> = {
  InvalidAccessKeyId: 'credentials',
  SignatureDoesNotMatch: 'credentials',
  XAdminUserNotFound: 'credentials',
  InvalidToken: 'credentials',
  ExpiredToken: 'credentials',
  AccessDenied: 'credentials',
  RequestTimeTooSkewed: 'clock',
  NoSuchBucket: 'bucket',
  NotFound: 'bucket',
  InvalidBucketName: 'bucket',
  InvalidBucketNameError: 'bucket',
  AuthorizationHeaderMalformed: 'region',
  IllegalLocationConstraintException: 'region',
  PermanentRedirect: 'region',
  MovedPermanently: 'region',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate',
  CERT_HAS_EXPIRED: 'certificate',
};

export function problemOf(error: unknown, { endpoint, bucket, region, credentials }: S3Settings): StoreProblem {
  const code = codeOf(error) || (error as Error).name;
  const said = `(${[codeOf(error), (error as Error).message].filter((text) => text !== '').join(': ')})`;
  const setting = settings[code] ?? 'endpoint';
  const sentences: Readonly<Record<Setting, string>> = {
    endpoint: isPassing(error) && !(error instanceof StoreBusy) ? `the S3 store at ${endpoint} can't be reached ${said}` : `what is at ${endpoint} does not answer like an S3 store ${said}`,
    credentials: `the S3 store does not accept the access key ${JSON.stringify(credentials.accessKey)} for the bucket ${JSON.stringify(bucket)} ${said}`,
    bucket: `the S3 store has no bucket ${JSON.stringify(bucket)} ${said}`,
    region: `the bucket ${JSON.stringify(bucket)} is not in the region ${JSON.stringify(region)} ${said}`,
    certificate: `the certificate of the S3 store at ${endpoint} is not one to trust here ${said}`,
    clock: `the clock of this machine and that of the S3 store differ ${said}`,
  };
  if (error instanceof StoreBusy) return { setting: 'endpoint', message: `the S3 store at ${endpoint} is busy ${said}`, isBusy: true };
  return { setting, message: sentences[setting] };
}
