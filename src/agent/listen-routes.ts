import { z } from 'zod';
import { checkParams } from '../api/check-params.ts';
import { messageJson } from '../api/outcome-json.ts';
import { provideOptionsOf } from '../api/provide-options-of.ts';
import type { ServeOptions } from '../api/serve.ts';
import type { Delivery, DeliveryReply } from '../delivery/provider.ts';
import { fromBody, toBody } from '../protocol/body.ts';
import { type ErrorCode, isErrorCode } from '../protocol/error-code.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { checkName } from '../protocol/names.ts';
import { noTexts } from '../protocol/text-record.ts';
import { readBodyValue } from './api-body.ts';
import { type ApiContext, describeRoute } from './api-context.ts';
import { problemResponse } from './api-problem.ts';
import { createEventStream, eventStreamHead } from './event-stream.ts';
import { paramsOf } from './message-routes.ts';

type Respond = (reply: DeliveryReply) => void;

/** Programs that listen by SSE: bounded, because each holds a socket and a place in the directory. */
const listenersMax = 1_024;

const tokenBytes = 16;

/** A program serves with nothing but an HTTP client: messages come as events, replies go back as POST. */
export function addListenRoutes(context: ApiContext): void {
  const { app, clock, node } = context;
  const waiting = new Map<string, Respond>();
  let listeners = 0;
  const query = z.object({ weight: z.string().optional(), 'in-flight-max': z.string().optional() });
  describeRoute(context, {
    method: 'get',
    path: '/v1/listen/{service}',
    summary: 'Become an instance: events `message` (with a token to reply to) and `cancel`',
    request: { params: z.object({ service: z.string() }), query },
    answer: { type: 'text/event-stream', schema: z.string() },
  });
  app.get('/v1/listen/:service', (c) => {
    const service = c.req.param('service');
    const wrong = checkName(service);
    if (wrong !== undefined) throw new FogataError('invalid', wrong);
    const options = provideOptionsOf(serveOptions(c.req.query()));
    if (c.req.method === 'HEAD') return eventStreamHead();
    if (listeners >= listenersMax) throw new FogataError('busy', `${listenersMax} programs listen already`);
    const mine = new Set<string>();
    const provision = node.provide(service, { open: undefined, deliver: hand }, options);
    listeners += 1;
    const stream = createEventStream(clock, c.env.outgoing, () => {
      listeners -= 1;
      void provision.withdraw(0);
      for (const token of mine)
        settle(waiting, token, failed('unknown', 'link-lost', 'the program that had it is gone'));
    });

    function hand(delivery: Delivery, respond: Respond): () => void {
      const token = Buffer.from(context.random.bytes(tokenBytes)).toString('hex');
      const decoded = fromBody(delivery.head.bodyKind, delivery.body);
      if (!decoded.ok) {
        respond(failed('refused', 'invalid', 'the body is not what its kind says'));
        return () => undefined;
      }
      const { replyWanted, deadlineMs } = delivery;
      if (replyWanted) {
        mine.add(token);
        waiting.set(token, (reply) => {
          mine.delete(token);
          respond(reply);
        });
      }
      const event = eventOf(delivery, decoded.value, deadlineMs);
      const isSent = stream.offer({ ...event, token: replyWanted ? token : null });
      if (!isSent) {
        mine.delete(token);
        waiting.delete(token);
        respond(failed('refused', 'busy', 'the program does not read its events'));
      } else if (!replyWanted) respond(delivered);
      return () => {
        mine.delete(token);
        if (waiting.delete(token)) stream.send({ type: 'cancel', token });
      };
    }
    return stream.response;
  });
  addReplyRoute(context, waiting);
}

function addReplyRoute(context: ApiContext, waiting: Map<string, Respond>): void {
  describeRoute(context, {
    method: 'post',
    path: '/v1/reply/{token}',
    summary: 'Reply to a message: parameters in the query, body in the body; or refuse it by headers',
    request: {
      params: z.object({ token: z.string() }),
      headers: z.object({ 'fogata-code': z.string().optional(), 'fogata-reason': z.string().optional() }),
    },
    answer: undefined,
  });
  context.app.post('/v1/reply/:token', async (c) => {
    const token = c.req.param('token');
    const reply = await replyOf(c.req.raw);
    if (settle(waiting, token, reply)) return c.body(null, 204);
    return problemResponse(
      new FogataError('not-found', 'nobody waits for this reply: it was given, or it is too late'),
    );
  });
}

function settle(waiting: Map<string, Respond>, token: string, reply: DeliveryReply): boolean {
  const respond = waiting.get(token);
  waiting.delete(token);
  respond?.(reply);
  return respond !== undefined;
}

async function replyOf(request: Request): Promise<DeliveryReply> {
  const code = request.headers.get('fogata-code');
  const body = toBody(await readBodyValue(request));
  if (code === null) {
    const params = checkParams(paramsOf(new URL(request.url).searchParams).params);
    return { outcome: 'answered', code: undefined, reason: '', params, bodyKind: body.kind, body: body.bytes };
  }
  if (!isErrorCode(code)) throw new FogataError('invalid', `fogata-code ${JSON.stringify(code)} is no error code`);
  return failed('refused', code, request.headers.get('fogata-reason') ?? '');
}

function failed(outcome: 'refused' | 'unknown', code: ErrorCode, reason: string): DeliveryReply {
  return { outcome, code, reason, params: noTexts, bodyKind: 'none', body: new Uint8Array(0) };
}

const delivered: DeliveryReply = { ...failed('refused', 'failed', ''), outcome: 'delivered', code: undefined };

function eventOf(delivery: Delivery, body: Parameters<typeof toBody>[0], deadlineMs: number) {
  const { id, fromNode, fromService, service, command, params } = delivery.head;
  const from = { node: fromNode, service: fromService };
  // Nobody looks at the signal: a message that is given up is told by an event of its own.
  const { signal } = new AbortController();
  const { replyWanted } = delivery;
  return messageJson({ id, from, service, command, params, body, replyWanted, deadlineMs, signal });
}

function serveOptions(query: Readonly<Record<string, string>>): ServeOptions {
  return {
    ...(query['weight'] === undefined ? {} : { weight: Number(query['weight']) }),
    ...(query['in-flight-max'] === undefined ? {} : { inFlightMax: Number(query['in-flight-max']) }),
  };
}
