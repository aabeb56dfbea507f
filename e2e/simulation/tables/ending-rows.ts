// How does the gateway keep the halves of an end, without SQL? Row for row as `endings-table.ts` does.
import type { EndingsTable, KnownEndings } from '../../../apps/api-gateway/src/experiment/endings-table.ts';
import { Table, type Transaction } from '../database.ts';

type EndingRow = Omit<KnownEndings, 'originalId'>;

/** `originalOf` stands for the row of the view that the table is joined with. */
export function endingRows(originalOf: (experimentId: number) => number | undefined): EndingsTable {
  const endings = new Table<EndingRow>('api_gateway.endings');
  const put = (on: unknown, experimentId: number, attempt: number, half: Partial<EndingRow>) =>
    (on as Transaction).put(endings, `${experimentId}.${attempt}`, (row) => ({ runEnd: null, logsEnded: false, ...row, ...half }));
  return {
    keepRunEnd: (on, experimentId, attempt, runEnd) => put(on, experimentId, attempt, { runEnd }),
    keepLogsEnd: (on, experimentId, attempt) => put(on, experimentId, attempt, { logsEnded: true }),
    async find(on, experimentId, attempt) {
      const row = (on as unknown as Transaction).get(endings, `${experimentId}.${attempt}`);
      const originalId = originalOf(experimentId);
      return row && originalId !== undefined ? { ...row, originalId } : undefined;
    },
  };
}
