import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Delivery, DeliveryReply } from '../delivery/provider.ts';
import { type BodyKind, fromBody } from '../protocol/body.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import { bodyBytesMax, paramNameBytesMax, paramsMax } from '../protocol/limits.ts';
import { newTextRecord, noTexts, type TextRecord } from '../protocol/text-record.ts';
import { systemError } from '../runtime/system-error.ts';
import { programError } from './program-error.ts';
import { loadOf } from './program-headers.ts';
import type { TargetContext } from './target-context.ts';
import { pathAt } from './target-location.ts';

type Respond = (reply: DeliveryReply) => void;

const noBytes = new Uint8Array(0);
const paramHeader = 'fogata-param-';

const contentTypes: Readonly<Record<BodyKind, string | undefined>> = {
  none: undefined,
  bytes: 'application/octet-stream',
  text: 'text/plain; charset=utf-8',
  json: 'application/json',
};

/** Hands a message to the program as a POST. Returns how to give up. */
export function deliverToProgram(context: TargetContext, delivery: Delivery, respond: Respond): () => void {
  const path = pathOf(context, delivery);
  if (path === undefined) {
    respond(refusal('not-allowed', 'the command leads out of what is served'));
    return () => undefined;
  }
  const { location, agent } = context;
  let isConnected = false;
  let hasAnswer = false;
  let isOver = false;
  const settle: Respond = (reply) => {
    if (isOver) return;
    isOver = true;
    respond(reply);
  };
  const { host, port } = location;
  const request = httpRequest({ host, port, method: 'POST', path, agent, headers: headersOf(context, delivery) });
  const fail = (error: Error): void => {
    // What breaks because it was given up says nothing of the program.
    if (isOver) return;
    const { code, reason, isRefused } = programError(error, isConnected);
    if (isRefused) context.onRefused();
    settle(isConnected ? { ...refusal(code, reason), outcome: 'unknown' } : refusal(code, reason));
  };
  request.on('socket', (socket) => {
    if (socket.connecting) socket.once('connect', () => (isConnected = true));
    else isConnected = true;
  });
  request.on('error', fail);
  // Node closes without an error where a program goes over to another protocol, which nobody asked it for.
  request.on('close', () => {
    if (!hasAnswer) fail(systemError('ECONNRESET', 'closed without an answer'));
  });
  request.on('response', (response) => {
    hasAnswer = true;
    response.on('error', fail);
    const load = loadOf(response.headers['fogata-load']?.toString());
    if (load !== undefined) context.onLoad(load);
    collect(response, (body) => {
      if (body === undefined) request.destroy();
      settle(body === undefined ? tooLarge : replyOf(response, body, delivery.replyWanted));
    });
  });
  request.end(delivery.body);
  return () => {
    isOver = true;
    request.destroy();
  };
}

function pathOf(context: TargetContext, delivery: Delivery): string | undefined {
  const { location, deliverTo } = context;
  const query = new URLSearchParams(Object.entries(delivery.head.params)).toString();
  const path = deliverTo === 'exact' ? location.basePath || '/' : commandPath(context, delivery.head.command);
  return path === undefined || query === '' ? path : `${path}?${query}`;
}

function commandPath({ location }: TargetContext, command: string): string | undefined {
  if (command.split('/').some((segment) => segment === '.' || segment === '..')) return undefined;
  return pathAt(location, `/${command}`);
}

function headersOf({ location }: TargetContext, { head, body, deadlineMs }: Delivery): string[] {
  const headers = [
    ...['host', location.authority, 'content-length', `${body.length}`],
    ...['fogata-id', head.id, 'fogata-command', head.command, 'fogata-service', head.service],
    ...['fogata-from', `${head.fromService}@${head.fromNode}`],
  ];
  if (Number.isFinite(deadlineMs)) headers.push('fogata-deadline-ms', `${Math.max(1, Math.floor(deadlineMs))}`);
  const type = contentTypes[head.bodyKind];
  if (type !== undefined) headers.push('content-type', type);
  return headers;
}

/** Undefined: more than a message may carry. Not called when the answer breaks off. */
function collect(response: IncomingMessage, done: (body: Buffer | undefined) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= bodyBytesMax) chunks.push(chunk);
    else done(undefined);
  });
  response.on('end', () => {
    if (bytes <= bodyBytesMax && response.complete) done(Buffer.concat(chunks));
  });
}

const tooLarge = refusal('too-large', `the program's reply has more than ${bodyBytesMax} bytes`);

function replyOf(response: IncomingMessage, body: Buffer, replyWanted: boolean): DeliveryReply {
  const status = response.statusCode ?? 0;
  if (status < 200 || status > 299) {
    return refusal(codeOf(status), `the program answered ${status} ${response.statusMessage ?? ''}`.trim());
  }
  if (!replyWanted) return { ...refusal('failed', ''), outcome: 'delivered', code: undefined };
  const params = paramsOf(response.rawHeaders);
  if (params === undefined) return refusal('failed', `the program's reply has more than ${paramsMax} parameters`);
  const bodyKind = bodyKindOf(response.headers['content-type'], body);
  return { outcome: 'answered', code: undefined, reason: '', params, bodyKind, body };
}

function codeOf(status: number): ErrorCode {
  if (status === 429 || status === 503) return 'busy';
  return status === 404 || status === 501 ? 'unknown-command' : 'failed';
}

/** As the content-type says, where the bytes bear it out. */
function bodyKindOf(contentType: string | undefined, body: Uint8Array): BodyKind {
  if (body.length === 0) return 'none';
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const isJson = type === 'application/json' || type.endsWith('+json');
  const kind: BodyKind = isJson ? 'json' : type.startsWith('text/') ? 'text' : 'bytes';
  return fromBody(kind, body).ok ? kind : 'bytes';
}

function paramsOf(raw: readonly string[]): TextRecord | undefined {
  let params: Record<string, string> | undefined;
  let count = 0;
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] as string).toLowerCase();
    if (!name.startsWith(paramHeader) || name.length === paramHeader.length) continue;
    if (name.length - paramHeader.length > paramNameBytesMax) continue;
    count += 1;
    params ??= newTextRecord();
    // Node reads header bytes as Latin-1; programs write UTF-8.
    params[name.slice(paramHeader.length)] = Buffer.from(raw[at + 1] as string, 'latin1').toString('utf8');
  }
  return count > paramsMax ? undefined : (params ?? noTexts);
}

function refusal(code: ErrorCode, reason: string): DeliveryReply {
  return { outcome: 'refused', code, reason, params: noTexts, bodyKind: 'none', body: noBytes };
}
