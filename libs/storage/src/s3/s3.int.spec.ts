// Does what lies below a prefix of a bucket keep the contract of a tree of files, on real servers?
import { fileTreeContract, withS3, type S3Store } from '#testing';
import { openStorage } from '../index.ts';

withS3('an S3 store', (open, server) => {
  let store: S3Store;
  let trees = 0;
  beforeAll(async () => {
    store = await open();
  });
  afterAll(async () => store.stop());

  fileTreeContract(`a prefix on ${server}`, async () => {
    trees += 1;
    const tree = await openStorage({ kind: 's3', ...store.settings, prefix: `tree-${trees}/outputs` });
    return { tree, close: async () => undefined };
  });
});
