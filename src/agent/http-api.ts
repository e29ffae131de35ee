import type { RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { z } from 'zod';
import { FogataError } from '../protocol/fogata-error.ts';
import { type ApiBindings, type ApiContext, type Described, describeRoute } from './api-context.ts';
import { problemResponse } from './api-problem.ts';
import { addBenchRoutes } from './bench-routes.ts';
import { addDirectoryRoutes } from './directory-routes.ts';
import { createEventStream, eventStreamHead } from './event-stream.ts';
import { isLoopbackHost } from './is-loopback-host.ts';
import { addKeyRoutes } from './key-routes.ts';
import { addListenRoutes } from './listen-routes.ts';
import { addMessageRoutes } from './message-routes.ts';
import { addRegisterRoutes } from './register-routes.ts';
import { addRuleRoutes } from './rule-routes.ts';

/** The agent's own API under `/v1`, for programs of this host. Foreign hosts are refused before, by the proxy. */
export function createHttpApi(tools: Omit<ApiContext, 'app' | 'described'>): RequestListener {
  const app = new Hono<ApiBindings>();
  const described: Described[] = [];
  const context: ApiContext = { ...tools, app, described };
  app.use('/v1/*', async (c, next) => {
    const origin = c.req.header('origin');
    if (origin === undefined || isLocalOrigin(origin)) return next();
    return problemResponse(new FogataError('not-allowed', `a web page of ${origin} may not use this host's agent`));
  });
  addDirectoryRoutes(context);
  addMessageRoutes(context);
  addRegisterRoutes(context);
  addListenRoutes(context);
  addKeyRoutes(context);
  addRuleRoutes(context);
  addBenchRoutes(context);
  addWatchRoute(context);
  app.get('/', (c) => c.text(frontPage(tools)));
  app.get('/v1/openapi.json', async (c) => {
    // Loaded only now: what makes it takes 5 MB, and few agents are ever asked.
    const { openApiDocument } = await import('./openapi-document.ts');
    return c.json(openApiDocument(described));
  });
  app.notFound((c) => problemResponse(new FogataError('not-found', `nothing is at ${c.req.method} ${c.req.path}`)));
  app.onError((error) => problemResponse(error, error instanceof FogataError ? undefined : 500));
  const listener = getRequestListener(app.fetch, {
    overrideGlobalObjects: false,
    // HTTP/1.0 need not say a host.
    hostname: 'localhost',
    errorHandler: () => problemResponse(new FogataError('invalid', 'the target of the request is no path')),
  });
  return (request, response) => void listener(request, response);
}

function addWatchRoute(context: ApiContext): void {
  const { app, node, clock } = context;
  describeRoute(context, {
    method: 'get',
    path: '/v1/watch',
    summary: 'Members and instances as events: first all of them, then `ready`, then every change',
    answer: { type: 'text/event-stream', schema: z.string() },
  });
  app.get('/v1/watch', (c) => {
    if (c.req.method === 'HEAD') return eventStreamHead();
    const watch = { stop: (): void => undefined, ended: false };
    const stream = createEventStream(clock, c.env.outgoing, () => {
      watch.ended = true;
      watch.stop();
    });
    watch.stop = node.watch((event) => stream.send(event));
    // The snapshot alone may have been too much.
    if (watch.ended) watch.stop();
    return stream.response;
  });
}

function isLocalOrigin(origin: string): boolean {
  return URL.canParse(origin) && isLoopbackHost(new URL(origin).hostname);
}

function frontPage({ node }: Pick<ApiContext, 'node'>): string {
  return [
    `Fogata agent: node ${node.name} of cluster ${node.cluster}.`,
    '',
    'http://NAME.localhost of this port leads to the best instance of the service NAME; so does /to/NAME/.',
    '/v1/nodes      who is there',
    '/v1/services   what runs where',
    '/v1/status     how this agent is',
    '/v1/openapi.json   all of the API',
    '',
  ].join('\n');
}
