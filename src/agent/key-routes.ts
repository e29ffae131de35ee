import { z } from 'zod';
import { FogataError } from '../protocol/fogata-error.ts';
import { memberStates } from '../protocol/member-update.ts';
import { readJson } from './api-body.ts';
import { type ApiContext, describeRoute } from './api-context.ts';

const json = 'application/json';

const keyId = z.string().regex(/^[0-9a-f]{16}$/, { error: 'the id of a key has 16 hexadecimal digits' });
const step = { insist: z.boolean().default(false), without: z.array(z.string()).default([]) };

const bodies = {
  init: z.object({ cluster: z.string().optional() }),
  join: z.object({ token: z.string().max(2_000), replace: z.boolean().default(false) }),
  invite: z.object({ expiresMs: z.number(), uses: z.number() }),
  add: z.object({ id: keyId.optional(), ...step }),
  use: z.object({ id: keyId, ...step }),
  remove: z.object({ id: keyId, ...step }),
} as const;

const newKeySchema = z
  .object({ cluster: z.string(), key: z.string(), inviter: z.string().nullable() })
  .meta({ id: 'NewKey' });

const invitationSchema = z
  .object({
    token: z.string(),
    cluster: z.string(),
    expiresAt: z.string(),
    uses: z.int(),
    addresses: z.array(z.string()),
  })
  .meta({ id: 'Invitation' });

const keysSchema = z
  .object({
    cluster: z.string(),
    inUse: z.string(),
    keys: z.array(z.object({ id: z.string(), madeAt: z.string() })),
    key: z.string().nullable(),
    done: z.boolean(),
    nodes: z.array(
      z.object({
        id: z.string(),
        node: z.string(),
        state: z.enum(memberStates),
        keys: z.array(z.string()).nullable(),
        inUse: z.string().nullable(),
        result: z.enum(['listed', 'added', 'used', 'removed', 'straggler', 'excluded']),
        reason: z.string(),
      }),
    ),
  })
  .meta({ id: 'Keys' });

/** The key ring and the invitations of this host: for its own user, by the Unix socket alone. */
export function addKeyRoutes(context: ApiContext): void {
  const { app, keys } = context;
  app.use('/v1/keys/*', async (c, next) => {
    if (context.isPrivate(c.env.incoming.socket)) return next();
    throw new FogataError('not-allowed', "keys are changed through the agent's Unix socket only");
  });
  describeRoute(context, {
    method: 'get',
    path: '/v1/keys',
    summary: 'The key ring, here and on every node: ids only. All of /v1/keys by the Unix socket only',
    answer: { type: json, schema: keysSchema },
  });
  app.get('/v1/keys', async (c) => c.json(await keys.ring().list()));

  describePost(context, 'init', 'Make a cluster key; the agent goes on sealed', newKeySchema);
  app.post('/v1/keys/init', async (c) => {
    const { cluster } = await readBody(c.req.raw, bodies.init);
    return c.json(await keys.init(cluster));
  });
  describePost(context, 'join', 'Take the key of a cluster with a token; the agent goes on sealed', newKeySchema);
  app.post('/v1/keys/join', async (c) => {
    const { token, replace } = await readBody(c.req.raw, bodies.join);
    return c.json(await keys.join(token, replace));
  });
  describePost(context, 'invite', 'Make a token that lets hosts in', invitationSchema);
  app.post('/v1/keys/invite', async (c) => {
    const { expiresMs, uses } = await readBody(c.req.raw, bodies.invite);
    return c.json(await keys.invite(expiresMs, uses));
  });
  addStepRoutes(context);
}

function addStepRoutes(context: ApiContext): void {
  const { app, keys } = context;
  describePost(context, 'add', 'A new key for every node; with an id, that one for those without it', keysSchema);
  app.post('/v1/keys/add', async (c) => {
    const { id, ...how } = await readBody(c.req.raw, bodies.add);
    return c.json(await keys.ring().add(id, how));
  });
  describePost(context, 'use', 'Every node seals with this key from now on', keysSchema);
  app.post('/v1/keys/use', async (c) => {
    const { id, ...how } = await readBody(c.req.raw, bodies.use);
    return c.json(await keys.ring().use(id, how));
  });
  describePost(context, 'remove', 'No node accepts this key any more', keysSchema);
  app.post('/v1/keys/remove', async (c) => {
    const { id, ...how } = await readBody(c.req.raw, bodies.remove);
    return c.json(await keys.ring().remove(id, how));
  });
}

function describePost(context: ApiContext, name: keyof typeof bodies, summary: string, schema: z.ZodType): void {
  describeRoute(context, {
    method: 'post',
    path: `/v1/keys/${name}`,
    summary,
    request: { body: { required: true, content: { [json]: { schema: bodies[name] } } } },
    answer: { type: json, schema },
  });
}

async function readBody<Schema extends z.ZodType>(request: Request, schema: Schema): Promise<z.infer<Schema>> {
  const parsed = schema.safeParse(await readJson(request));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? 'body' : issue.path.join('.');
  throw new FogataError('invalid', `${where}: ${issue?.message ?? 'invalid'}`);
}
