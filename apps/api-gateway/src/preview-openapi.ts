// What would the gateway say of its routes, without a database or another service to start with?
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiGatewayModule, type GatewayParts } from './api-gateway.module.ts';
import { openApiDocument } from './openapi.ts';

/** In a preview nothing is made of the parts, so none are needed. */
export async function previewOpenApi(): Promise<string> {
  const app = await NestFactory.create<NestFastifyApplication>(ApiGatewayModule.of({} as GatewayParts), new FastifyAdapter(), { preview: true, logger: false, abortOnError: false });
  const document = openApiDocument(app);
  await app.close();
  return `${JSON.stringify(document, null, 2)}\n`;
}
