import { z } from 'zod';
import { FogataError } from '../protocol/fogata-error.ts';
import { readJson, readJsonOrNothing } from './api-body.ts';
import { type ApiContext, describeRoute } from './api-context.ts';
import { heartbeatSchema, loadSchema, registerSchema } from './api-schemas.ts';
import { checkSpecs } from './checks/check-specs.ts';

const ofService = { params: z.object({ service: z.string() }) };

/** A plain HTTP program says where it is, how it is, and that it leaves. */
export function addRegisterRoutes(context: ApiContext): void {
  const { app, targets } = context;
  describeRoute(context, {
    method: 'post',
    path: '/v1/register',
    summary: 'Become an instance of a service, reached by HTTP on this host',
    request: { body: { required: true, content: { 'application/json': { schema: registerSchema } } } },
    answer: undefined,
  });
  app.post('/v1/register', async (c) => {
    const { ttlMs, deliverTo, checks, ...target } = parsed(registerSchema, await readJson(c.req.raw));
    const terms = { by: 'program', ttlMs, deliverTo } as const;
    targets.add({ ...target, checks: checkSpecs(target, checks) }, terms);
    return c.body(null, 204);
  });

  describeRoute(context, {
    method: 'delete',
    path: '/v1/register/{service}',
    summary: 'Withdraw; answered when work in hand has ended, within 2 s',
    request: ofService,
    answer: undefined,
  });
  app.delete('/v1/register/:service', async (c) => {
    await targets.remove(c.req.param('service'));
    return c.body(null, 204);
  });

  describeRoute(context, {
    method: 'put',
    path: '/v1/register/{service}/heartbeat',
    summary: 'Say that it works, or how badly: for a check of the kind heartbeat',
    request: { ...ofService, body: { content: { 'application/json': { schema: heartbeatSchema } } } },
    answer: undefined,
  });
  app.put('/v1/register/:service/heartbeat', async (c) => {
    const { state, text } = parsed(heartbeatSchema, (await readJsonOrNothing(c.req.raw)) ?? {});
    targets.heartbeat(c.req.param('service'), state, text);
    return c.body(null, 204);
  });

  describeRoute(context, {
    method: 'put',
    path: '/v1/register/{service}/load',
    summary: 'Say how busy it is: 0 idle to 1 full',
    request: { ...ofService, body: { required: true, content: { 'application/json': { schema: loadSchema } } } },
    answer: undefined,
  });
  app.put('/v1/register/:service/load', async (c) => {
    targets.setLoad(c.req.param('service'), parsed(loadSchema, await readJson(c.req.raw)).load);
    return c.body(null, 204);
  });
}

/** Throws FogataError `invalid`, naming where. */
function parsed<Schema extends z.ZodType>(schema: Schema, json: unknown): z.output<Schema> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? 'body' : issue.path.join('.');
  throw new FogataError('invalid', `${where}: ${issue?.message ?? 'invalid'}`);
}
