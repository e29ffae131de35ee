import { z } from '@hono/zod-openapi';
import { FogataError } from '../protocol/fogata-error.ts';
import { readJson } from './api-body.ts';
import { type ApiContext, describeRoute } from './api-context.ts';
import { registerSchema } from './api-schemas.ts';

/** A plain HTTP program says where it is, and that it leaves. */
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
    const parsed = registerSchema.safeParse(await readJson(c.req.raw));
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      const where = issue === undefined || issue.path.length === 0 ? 'body' : issue.path.join('.');
      throw new FogataError('invalid', `${where}: ${issue?.message ?? 'invalid'}`);
    }
    const { ttlMs, deliverTo, ...target } = parsed.data;
    targets.add(target, { by: 'program', ttlMs, deliverTo });
    return c.body(null, 204);
  });

  describeRoute(context, {
    method: 'delete',
    path: '/v1/register/{service}',
    summary: 'Withdraw; answered when work in hand has ended, within 2 s',
    request: { params: z.object({ service: z.string() }) },
    answer: undefined,
  });
  app.delete('/v1/register/:service', async (c) => {
    await targets.remove(c.req.param('service'));
    return c.body(null, 204);
  });
}
