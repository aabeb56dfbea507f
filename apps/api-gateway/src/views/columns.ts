// How is a row read without paying for an entity?
import type { DataSource } from 'typeorm';

/**
 * The select list that gives a row the shape of its entity: `t.status_rank AS "statusRank", ...`. One row by its key is what every request reads, and building an entity
 * of it costs more than the query.
 */
export function columnsOf(source: DataSource, entity: new () => object, alias: string): string {
  return source.getMetadata(entity).columns.map(({ databaseName, propertyName }) => `${alias}.${databaseName} AS "${propertyName}"`).join(', ');
}
