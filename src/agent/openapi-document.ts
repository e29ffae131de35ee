import { OpenAPIHono } from '@hono/zod-openapi';
import { softwareVersion } from '../node/software-name.ts';
import type { Described } from './api-context.ts';
import { problemSchema } from './api-schemas.ts';

/** The API in OpenAPI 3.1. A schema with an id is a component of that name. */
export function openApiDocument(described: readonly Described[]): object {
  const app = new OpenAPIHono();
  for (const route of described) describe(app, route);
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Fogata agent',
      version: softwareVersion,
      description: 'The local agent of a Fogata cluster: for programs on the same host, by HTTP.',
    },
    servers: [{ url: 'http://127.0.0.1:7471' }],
  });
}

function describe(app: OpenAPIHono, { method, path, summary, request, answer }: Described): void {
  app.openAPIRegistry.registerPath({
    method,
    path,
    summary,
    ...(request === undefined ? {} : { request }),
    responses: {
      ...(answer === undefined
        ? { 204: { description: 'Done' } }
        : { 200: { description: 'Done', content: { [answer.type]: { schema: answer.schema } } } }),
      default: { description: 'Not done, and why', content: { 'application/problem+json': { schema: problemSchema } } },
    },
  });
}
