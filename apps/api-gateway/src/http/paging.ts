// Which part of a list is asked for, and where is the rest?
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
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

/** `next` and `previous` are addresses of the neighbours, with everything else that was asked for. */
export function pageOf<Item>(request: FastifyRequest, { limit, offset }: SliceQuery, { count, results }: { count: number; results: readonly Item[] }): Page<Item> {
  const address = (start: number) => {
    const { pathname, searchParams } = new URL(request.url, 'http://gateway');
    searchParams.set('offset', String(start));
    return `${request.protocol}://${request.host}${pathname}?${searchParams.toString()}`;
  };
  return {
    count,
    next: offset + results.length < count && results.length > 0 ? address(offset + limit) : null,
    previous: offset > 0 ? address(Math.max(0, offset - limit)) : null,
    results,
  };
}
