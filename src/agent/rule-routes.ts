import { z } from 'zod';
import { FogataError } from '../protocol/fogata-error.ts';
import { readJson } from './api-body.ts';
import { type ApiContext, describeRoute } from './api-context.ts';
import { ruleChangeSchema, ruleReportSchema } from './rule-requests.ts';

const path = '/v1/services/{service}/instances/{node}';
const route = '/v1/services/:service/instances/:node';

/** Maintenance of an instance on whichever host: for the agent's own user, by the Unix socket alone. */
export function addRuleRoutes(context: ApiContext): void {
  const { app, rules } = context;
  const request = { params: z.object({ service: z.string(), node: z.string() }) };
  const answer = { type: 'application/json', schema: ruleReportSchema };
  app.use(route, async (c, next) => {
    if (context.isPrivate(c.env.incoming.socket)) return next();
    throw new FogataError('not-allowed', "maintenance is for the agent's own user: ask by its Unix socket");
  });

  describeRoute(context, { method: 'get', path, summary: 'How an instance stands', request, answer });
  app.get(route, async (c) => c.json(await rules.send(c.req.param('node'), c.req.param('service'), {})));

  describeRoute(context, {
    method: 'patch',
    path,
    summary: 'Drain an instance or give it a weight, until it is taken back',
    request: { ...request, body: { required: true, content: { 'application/json': { schema: ruleChangeSchema } } } },
    answer,
  });
  app.patch(route, async (c) => {
    const parsed = ruleChangeSchema.safeParse(await readJson(c.req.raw));
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw new FogataError('invalid', `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'invalid'}`);
    }
    return c.json(await rules.send(c.req.param('node'), c.req.param('service'), parsed.data));
  });
}
