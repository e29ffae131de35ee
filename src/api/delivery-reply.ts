import type { DeliveryReply } from '../delivery/provider.ts';
import { toBody } from '../protocol/body.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { noTexts } from '../protocol/text-record.ts';
import { checkParams } from './check-params.ts';
import type { Reply } from './serve.ts';

const noBytes = new Uint8Array(0);
const nothing = { params: noTexts, bodyKind: 'none', body: noBytes } as const;

const emptyReply: DeliveryReply = { outcome: 'answered', code: undefined, reason: '', ...nothing };

/** What a handler returned, as it travels. What is no reply is a failure of the handler. */
export function answeredReply(reply: Reply | undefined | void): DeliveryReply {
  if (reply === undefined) return emptyReply;
  if (typeof reply !== 'object' || reply === null) {
    return refusedReply('failed', `the handler returned a ${typeof reply}; a reply is {params, body} or nothing`);
  }
  try {
    const { kind, bytes } = toBody(reply.body);
    const params = reply.params === undefined ? noTexts : checkParams(reply.params);
    return { outcome: 'answered', code: undefined, reason: '', params, bodyKind: kind, body: bytes };
  } catch (error) {
    return refusedReply('failed', `the reply cannot be sent: ${FogataError.from(error).message}`);
  }
}

/** What a handler threw: a FogataError travels with its code, anything else is `failed`. */
export function thrownReply(thrown: unknown): DeliveryReply {
  const error = FogataError.from(thrown);
  return refusedReply(error === thrown ? error.code : 'failed', error.message);
}

export function refusedReply(code: ErrorCode, reason: string): DeliveryReply {
  return { outcome: 'refused', code, reason, ...nothing };
}
