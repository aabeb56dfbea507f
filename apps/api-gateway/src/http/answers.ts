// What does a route answer, as the OpenAPI document says it?
import { applyDecorators } from '@nestjs/common';
import { ApiProduces, ApiResponse, type ApiResponseOptions } from '@nestjs/swagger';
import { problemSchema } from './schemas.ts';

type Schema = Extract<ApiResponseOptions, { schema: unknown }>['schema'];

interface Answered {
  readonly status?: number;
  readonly type?: string;
}

/** Whatever isn't this is a problem. */
export function Answers(description: string, schema: Schema | null, { status = 200, type = 'application/json' }: Answered = {}): MethodDecorator {
  const content = schema === null ? {} : { content: { [type]: { schema } } };
  const problem = { status: 'default' as const, description: 'a problem', content: { 'application/problem+json': { schema: problemSchema } } };
  const responses = [ApiResponse({ status, description, ...content }), ApiResponse(problem)];
  return applyDecorators(...responses, ...(schema === null ? [] : [ApiProduces(type)]));
}
