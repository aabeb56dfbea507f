// Is the body or query what the route expects?
import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { Refusal } from '#decider';

/** Keys we don't know are dropped: the original client posts its whole schema. What is wrong is named, all of it at once. */
export function openValidation(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors: ValidationError[]) => new Refusal('request-invalid', errors.flatMap((error) => messagesOf(error)).slice(0, 5).join('; ')),
  });
}

function messagesOf({ constraints = {}, children = [], property }: ValidationError): string[] {
  return [...Object.values(constraints), ...children.flatMap((child) => messagesOf(child).map((message) => `${property}: ${message}`))];
}

/** Without what wasn't given; a null says as little as an absence. */
export function given<Body extends object>(body: Body): { [Key in keyof Body]?: NonNullable<Body[Key]> } {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined && value !== null)) as never;
}
