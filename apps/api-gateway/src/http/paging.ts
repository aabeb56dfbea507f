// Which part of a list is asked for, and where is the rest?
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { ApiPropertyOptional } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { limits, type Page } from '#contracts';

/** A query is text; what isn't a number stays what it is, so that it is refused. */
export const AsNumber = (): PropertyDecorator => Transform(({ value }: { value: unknown }) => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value));

export class SliceQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: limits.pageSizeMax, default: limits.pageSize })
  @IsOptional() @AsNumber() @IsInt() @Min(1) @Max(limits.pageSizeMax)
  limit: number = limits.pageSize;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, default: 0 })
  @IsOptional() @AsNumber() @IsInt() @Min(0) @Max(1_000_000_000)
  offset: number = 0;
}

/** A slice, or the rows behind (or before) a row of an earlier page. */
export class CursorQuery extends SliceQuery {
  @ApiPropertyOptional({ description: 'from the address in `next` or `previous`: the page goes on there, whatever came or went since, and costs the same wherever it is' })
  @IsOptional() @IsString() @MaxLength(4000)
  cursor?: string;
}

interface Sliced<Item> {
  readonly count: number;
  readonly results: readonly Item[];
  readonly next?: string | null;
  readonly previous?: string | null;
}

/** `next` and `previous` are addresses of the neighbours, with everything else that was asked for. */
export function pageOf<Item>(request: FastifyRequest, { limit, offset }: SliceQuery, { count, results, next, previous }: Sliced<Item>): Page<Item> {
  const address = (start: number, cursor?: string | null) => {
    const { pathname, searchParams } = new URL(request.url, 'http://gateway');
    searchParams.set('offset', String(start));
    if (cursor && start > 0) searchParams.set('cursor', cursor);
    else searchParams.delete('cursor');
    return `${request.protocol}://${request.host}${pathname}?${searchParams.toString()}`;
  };
  return {
    count,
    next: offset + results.length < count && results.length > 0 ? address(offset + limit, next) : null,
    previous: offset > 0 ? address(Math.max(0, offset - limit), previous) : null,
    results,
  };
}
