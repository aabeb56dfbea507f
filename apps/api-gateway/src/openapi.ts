// Which routes are there, in the words of OpenAPI?
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

export const openApiPath = '/api/v1/openapi.json';

const writes = ['post', 'put', 'patch', 'delete'] as const;
const idempotencyKey = {
  name: 'Idempotency-Key', in: 'header' as const, required: false, schema: { type: 'string' as const, maxLength: 255 },
  description: 'the same key with the same request acts once and gets the same answer, for 24 hours',
};

/** Of the API alone: health and metrics of the service are not for its users. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const about = new DocumentBuilder()
    .setTitle('Polyaxon platform')
    .setDescription('Runs training experiments and never loses their progress: stop, resume, restart, copy. Every answer that is not a success is a problem (RFC 9457).')
    .setVersion('v1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'a token of POST /api/v1/users/token; the scheme `Token` is understood too' })
    .build();
  const document = SwaggerModule.createDocument(app, about, { operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}.${method}` });
  const paths = Object.entries(document.paths).filter(([path]) => path.startsWith('/api/'));
  for (const [, item] of paths)
    for (const method of writes) {
      const operation = item[method];
      if (operation) operation.parameters = [...(operation.parameters ?? []), idempotencyKey];
    }
  return { ...document, paths: Object.fromEntries(paths) };
}
