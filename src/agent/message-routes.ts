import type { Context } from 'hono';
import { z } from 'zod';
import { exchangeRequestOf } from '../api/exchange-request-of.ts';
import type { Answered, MessageOptions, Outcome, Params, PublishOutcome } from '../api/outcome.ts';
import { outcomeJson, publishOutcomeJson } from '../api/outcome-json.ts';
import { outcomeOf } from '../api/outcome-of.ts';
import { publishOutcomeOf } from '../api/publish-outcome-of.ts';
import type { WishOptions } from '../api/wishes-of.ts';
import type { ExchangeRequest } from '../delivery/exchange-request.ts';
import { toBody } from '../protocol/body.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { strategies } from '../selection/strategy.ts';
import { readBodyValue } from './api-body.ts';
import { type ApiContext, describeRoute } from './api-context.ts';
import { outcomeProblem, statusOfOutcome } from './api-problem.ts';
import { outcomeSchema, publishOutcomeSchema } from './api-schemas.ts';
import { deadlineMsOf, hedgeOf, idempotentOf, strategyOf } from './message-headers.ts';

const summaries = {
  call: 'A request: the best instance executes the command and replies',
  send: 'One way: done once a program has it in hand',
  publish: 'One way, to every instance',
} as const;

type Verb = keyof typeof summaries;

/** The query parameter that asks for the reply's own body; all others are the message's. */
const rawName = 'raw';

const headers = z.object({
  'fogata-deadline-ms': z.string().optional().meta({ description: '1 to 86400000; default 10000' }),
  'fogata-idempotent': z.enum(['true', 'false']).optional(),
  'fogata-strategy': z.enum(strategies).optional().meta({ description: 'How the instance is chosen' }),
  'fogata-sticky': z.string().optional().meta({ description: 'What has the same key goes to the same instance' }),
  'fogata-hedge': z.string().optional().meta({ description: 'true or milliseconds: then a copy goes to another' }),
  'fogata-explain': z.enum(['true', 'false']).optional().meta({ description: 'The outcome has its decisions' }),
  'fogata-from': z.string().optional().meta({ description: 'The service in whose name this is said' }),
});

/** Messages: what stands in the query are their parameters, the body is their body. */
export function addMessageRoutes(context: ApiContext): void {
  for (const verb of ['call', 'send', 'publish'] as const) {
    describeRoute(context, {
      method: 'post',
      path: `/v1/${verb}/{address}/{command}`,
      summary: summaries[verb],
      request: {
        params: z.object({ address: z.string(), command: z.string() }),
        query: z.object(verb === 'publish' ? {} : { [rawName]: z.literal('1').optional() }).catchall(z.string()),
        headers,
        body: { content: { 'application/json': { schema: z.unknown() }, 'text/plain': { schema: z.string() } } },
      },
      answer: { type: 'application/json', schema: verb === 'publish' ? publishOutcomeSchema : outcomeSchema },
    });
    context.app.post(`/v1/${verb}/:address/:command{.+}`, (c) => answer(context, verb, c));
  }
}

async function answer({ node }: ApiContext, verb: Verb, c: Context): Promise<Response> {
  const { params, isRaw } = paramsOf(new URL(c.req.url).searchParams);
  const options = { ...optionsOf(c.req.raw.headers), params, body: await readBodyValue(c.req.raw) };
  const request = exchangeRequestOf(c.req.param('address') ?? '', c.req.param('command') ?? '', options, verb);
  const { signal } = c.req.raw;
  if (verb === 'publish') {
    const outcome = await settled<PublishOutcome>(signal, request, (each, settle) =>
      node.publish(each, (settlement) => settle(publishOutcomeOf(settlement, request.to))),
    );
    return Response.json(publishOutcomeJson(outcome), { status: statusOfOutcome(outcome) });
  }
  const outcome = await settled<Outcome>(signal, request, (each, settle) =>
    node.exchange(each, (settlement) => settle(explained(outcomeOf(settlement), each))),
  );
  return isRaw ? rawResponse(outcome) : Response.json(outcomeJson(outcome), { status: statusOfOutcome(outcome) });
}

function explained(outcome: Outcome, { wish }: ExchangeRequest): Outcome {
  return wish?.decisions === undefined ? outcome : { ...outcome, decisions: wish.decisions };
}

/** Who asked and went away wants no answer any more. */
function settled<Result>(
  signal: AbortSignal,
  request: ExchangeRequest,
  start: (request: ExchangeRequest, settle: (result: Result) => void) => () => void,
): Promise<Result> {
  return new Promise((resolve) => {
    const giveUp = start(request, (result) => {
      signal.removeEventListener('abort', onAbort);
      resolve(result);
    });
    function onAbort(): void {
      giveUp();
    }
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** Every name once: a message's parameters are no list. */
export function paramsOf(query: URLSearchParams): { readonly params: Params; readonly isRaw: boolean } {
  const entries = new Map<string, string>();
  for (const [name, value] of query) {
    if (entries.has(name)) throw new FogataError('invalid', `the parameter ${JSON.stringify(name)} stands there twice`);
    entries.set(name, value);
  }
  const isRaw = entries.get(rawName) === '1';
  entries.delete(rawName);
  return { params: Object.fromEntries(entries), isRaw };
}

function optionsOf(given: Headers): MessageOptions {
  const deadlineMs = deadlineMsOf(given.get('fogata-deadline-ms') ?? undefined);
  return {
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    idempotent: idempotentOf(given.get('fogata-idempotent') ?? undefined),
    from: given.get('fogata-from') ?? '',
    ...choiceOf(given),
  };
}

function choiceOf(given: Headers): WishOptions {
  const strategy = strategyOf(given.get('fogata-strategy') ?? undefined);
  const sticky = given.get('fogata-sticky') ?? undefined;
  const hedge = hedgeOf(given.get('fogata-hedge') ?? undefined);
  return {
    ...(strategy === undefined ? {} : { strategy }),
    ...(sticky === undefined ? {} : { sticky }),
    ...(hedge === undefined ? {} : { hedge }),
    ...(given.get('fogata-explain') === 'true' ? { explain: true } : {}),
  };
}

const contentTypes = {
  none: undefined,
  bytes: 'application/octet-stream',
  text: 'text/plain; charset=utf-8',
  json: 'application/json',
} as const;

function rawResponse(outcome: Outcome): Response {
  if (outcome.outcome === 'answered') return rawAnswer(outcome);
  if (outcome.outcome === 'delivered' || outcome.outcome === 'stored') {
    return new Response(null, { status: 204, headers: { 'fogata-id': outcome.id } });
  }
  return outcomeProblem(outcome);
}

function rawAnswer({ id, instance, reply }: Answered): Response {
  const { kind, bytes } = toBody(reply.body);
  const head = new Headers({ 'fogata-id': id, 'fogata-instance': `${instance.service}@${instance.node}` });
  const type = contentTypes[kind];
  if (type !== undefined) head.set('content-type', type);
  for (const [name, value] of Object.entries(reply.params)) {
    // What no header can say is left out; the outcome as JSON has all of it.
    const latin1 = Buffer.from(value, 'utf8').toString('latin1');
    if (/^[!#$%&'*+.^_`|~0-9a-z-]+$/i.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(latin1)) {
      head.set(`fogata-param-${name}`, latin1);
    }
  }
  return new Response(kind === 'none' ? null : Buffer.from(bytes), { status: 200, headers: head });
}
