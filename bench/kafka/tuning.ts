// How is graphile-worker set up to be at its fastest?

/** What its own pages on performance recommend, and use. */
export const tuning = { concurrentJobs: 24, maxPoolSize: 25, pollInterval: 2000, localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };
