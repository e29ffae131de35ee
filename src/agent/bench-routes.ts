import { z } from 'zod';
import { type LoadRun, runLoad } from '../api/load-run.ts';
import type { FogataNode } from '../node/node.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { readJson } from './api-body.ts';
import { type ApiContext, describeRoute } from './api-context.ts';
import { echoCommand } from './rule-requests.ts';

/** Longer runs are several of these: so whoever asks for them can stop, and hears how it goes. */
export const benchMsMax = 2_000;

/** No more than the agents' own service takes at a time from all. */
export const benchDepthMax = 64;

/** Frames of a link are larger, but this is for its speed with messages. */
export const benchBytesMax = 65_536;

const askedSchema = z
  .strictObject({
    ms: z.int().min(1).max(benchMsMax),
    depth: z.int().min(1).max(benchDepthMax).meta({ description: 'How many are under way at a time.' }),
    bytes: z.int().min(0).max(benchBytesMax).meta({ description: 'The body of each, there and back.' }),
  })
  .meta({ id: 'BenchRequest' });

const runSchema = z
  .object({ count: z.int(), failed: z.int(), elapsedMs: z.number(), latenciesMs: z.array(z.number()) })
  .meta({ id: 'BenchRun' });

const path = '/v1/bench/{node}';
const route = '/v1/bench/:node';

/** One echo: agents answer from memory. */
const deadlineMs = 2_000;

/** How long it takes this agent to be answered by another one. For the agent's own user, by the Unix socket alone, one at a time. */
export function addBenchRoutes(context: ApiContext): void {
  const { app, node, clock } = context;
  let isRunning = false;
  describeRoute(context, {
    method: 'post',
    path,
    summary: 'Messages to the agent of a node and back, as many as it takes, for a while; times in milliseconds',
    request: {
      params: z.object({ node: z.string() }),
      body: { required: true, content: { 'application/json': { schema: askedSchema } } },
    },
    answer: { type: 'application/json', schema: runSchema },
  });
  app.post(route, async (c) => {
    if (!context.isPrivate(c.env.incoming.socket)) {
      throw new FogataError('not-allowed', "measuring is for the agent's own user: ask by its Unix socket");
    }
    const parsed = askedSchema.safeParse(await readJson(c.req.raw));
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw new FogataError('invalid', `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'invalid'}`);
    }
    if (isRunning) throw new FogataError('busy', 'this agent is measuring already');
    isRunning = true;
    try {
      const { ms, depth, bytes } = parsed.data;
      const isStopped = (): boolean => c.env.incoming.socket.destroyed;
      const echo = echoTo(node, c.req.param('node'), new Uint8Array(bytes));
      return c.json((await runLoad({ clock, depth, ms, isStopped }, echo)) satisfies LoadRun);
    } finally {
      isRunning = false;
    }
  });
}

function echoTo(node: FogataNode, where: string, body: Uint8Array): () => Promise<boolean> {
  const facts = { id: undefined, params: {}, bodyKind: 'bytes', replyWanted: true, fromService: '' } as const;
  const request = { ...facts, command: echoCommand, body, idempotent: true, deadlineMs } as const;
  return () =>
    new Promise((resolve) => {
      node.askAgent(where, request, ({ outcome }) => resolve(outcome === 'answered'));
    });
}
