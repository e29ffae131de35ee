import { z } from 'zod';
import { roundedJson } from '../api/outcome-json.ts';
import { resolvedAddressOf } from '../api/resolved-address-of.ts';
import { wishesOf } from '../api/wishes-of.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { checkName } from '../protocol/names.ts';
import { strategies } from '../selection/strategy.ts';
import { type ApiContext, describeRoute } from './api-context.ts';
import { problemResponse } from './api-problem.ts';
import { checksSchema, nodesSchema, serviceSchema, servicesSchema, statusSchema } from './api-schemas.ts';
import { checksView } from './checks-view.ts';
import { strategyOf } from './message-headers.ts';
import { resolveSchema } from './resolve-schema.ts';
import { statusJson } from './status-json.ts';

const json = 'application/json';

/** Where calls would go. */
function addResolveRoute(context: ApiContext): void {
  const { app, node } = context;
  describeRoute(context, {
    method: 'get',
    path: '/v1/resolve/{address}',
    summary: 'Where calls to an address would go from here now, and why',
    request: {
      params: z.object({ address: z.string() }),
      query: z.object({ strategy: z.enum(strategies).optional(), sticky: z.string().optional() }),
    },
    answer: { type: json, schema: resolveSchema },
  });
  app.get('/v1/resolve/:address', (c) => {
    const strategy = strategyOf(c.req.query('strategy'));
    const sticky = c.req.query('sticky');
    const given = { ...(strategy === undefined ? {} : { strategy }), ...(sticky === undefined ? {} : { sticky }) };
    return c.json(
      roundedJson(node.explain(resolvedAddressOf(c.req.param('address')), wishesOf(given, 'resolve').wish)),
    );
  });
}

/** Who is there, what runs where, and how this agent is. */
export function addDirectoryRoutes(context: ApiContext): void {
  const { app, node, targets, clock, status } = context;
  const nodes = { type: json, schema: nodesSchema };
  describeRoute(context, { method: 'get', path: '/v1/nodes', summary: 'Members of the cluster', answer: nodes });
  app.get('/v1/nodes', (c) => c.json(node.nodesView()));

  const services = { type: json, schema: servicesSchema };
  describeRoute(context, { method: 'get', path: '/v1/services', summary: 'All services', answer: services });
  app.get('/v1/services', (c) => c.json(node.servicesView()));

  describeRoute(context, {
    method: 'get',
    path: '/v1/services/{name}',
    summary: 'Instances of a service, best first',
    request: { params: z.object({ name: z.string() }) },
    answer: { type: json, schema: serviceSchema },
  });
  app.get('/v1/services/:name', (c) => {
    const name = c.req.param('name');
    const wrong = checkName(name);
    if (wrong !== undefined) throw new FogataError('invalid', wrong);
    const instances = node.resolve(name);
    if (instances.length > 0) return c.json({ name, instances });
    return problemResponse(new FogataError('no-instance', `nobody serves ${name}`), 404);
  });

  const checks = { type: json, schema: checksSchema };
  describeRoute(context, {
    method: 'get',
    path: '/v1/checks',
    summary: 'How the programs of this host are, and what their checks say',
    answer: checks,
  });
  app.get('/v1/checks', (c) => c.json(checksView({ node, targets, clock })));

  addResolveRoute(context);

  const answer = { type: json, schema: statusSchema };
  describeRoute(context, { method: 'get', path: '/v1/status', summary: 'How this agent is', answer });
  app.get('/v1/status', (c) => c.json(statusJson(status(), clock)));
}
