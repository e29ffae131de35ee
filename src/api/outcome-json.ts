import type { BodyValue, JsonValue } from '../protocol/body.ts';
import type { Outcome, PublishOutcome } from './outcome.ts';
import type { Message } from './serve.ts';

/** A body where only JSON can go: bytes become `{"base64": …}`, no body `null`. */
export function bodyJson(body: BodyValue): JsonValue {
  if (body instanceof Uint8Array) {
    return { base64: Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('base64') };
  }
  return body ?? null;
}

/** Milliseconds to the microsecond. */
export function roundedMs(ms: number): number {
  return Number.isInteger(ms) ? ms : Math.round(ms * 1_000) / 1_000;
}

/** An outcome as `fogata call --json` and the agent's HTTP interface write it. */
export function outcomeJson(outcome: Outcome): JsonValue {
  const elapsedMs = roundedMs(outcome.elapsedMs);
  if (outcome.outcome === 'answered') {
    const { id, instance, reply } = outcome;
    return {
      outcome: 'answered',
      id,
      instance: { service: instance.service, node: instance.node },
      reply: { params: reply.params, body: bodyJson(reply.body) },
      elapsedMs,
      ...decisionsJson(outcome),
    };
  }
  return { ...(outcome as unknown as { readonly [name: string]: JsonValue }), elapsedMs, ...decisionsJson(outcome) };
}

/** The account of each choice, where one was asked for. */
export function decisionsJson({ decisions }: Outcome): { decisions?: JsonValue } {
  return decisions === undefined ? {} : { decisions: roundedJson(decisions) };
}

/** As JSON, all its numbers to a thousandth: what is beyond is noise. */
export function roundedJson(value: unknown): JsonValue {
  const text = JSON.stringify(value, (_name, part: unknown) => (typeof part === 'number' ? roundedMs(part) : part));
  return JSON.parse(text) as JsonValue;
}

/** The same of a publish. */
export function publishOutcomeJson(outcome: PublishOutcome): object {
  return { ...outcome, elapsedMs: roundedMs(outcome.elapsedMs) };
}

/** A message as `fogata listen --json` and the agent's event stream write it. */
export function messageJson(message: Message) {
  const { id, from, service, command, params, body, replyWanted, deadlineMs } = message;
  return {
    type: 'message',
    id,
    from: { node: from.node, service: from.service },
    service,
    command,
    params,
    body: bodyJson(body),
    replyWanted,
    deadlineMs: Math.round(deadlineMs),
  };
}
