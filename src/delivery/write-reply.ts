import type { ErrorCode } from '../protocol/error-code.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { bodyBytesMax } from '../protocol/limits.ts';
import { writeReplyHead } from '../protocol/reply-head.ts';
import type { Writer } from '../protocol/writer.ts';
import type { DeliveryReply } from './provider.ts';

/** Who says it, and how loaded that instance is. */
export interface ReplyAuthor {
  readonly load: number | undefined;
  readonly service: string;
  readonly node: string;
}

/**
 * Writes a head and returns the body that belongs to it. What a provider may say and a frame cannot hold becomes a refusal
 * that says so: it must neither throw into the provider nor cost the link.
 */
export function writeReply(writer: Writer, said: DeliveryReply, author: ReplyAuthor): Uint8Array | undefined {
  writer.reset();
  try {
    if (said.body.length > bodyBytesMax) {
      throw new FogataError('too-large', `the reply has ${said.body.length} bytes; ${bodyBytesMax} are the most`);
    }
    const { outcome, code, bodyKind, reason, params } = said;
    writeReplyHead(writer, { outcome, code, bodyKind, reason, params, ...author });
    return bodyKind === 'none' || said.body.length === 0 ? undefined : said.body;
  } catch (error) {
    const { code, message } = FogataError.from(error);
    writer.reset();
    writeReplyHead(writer, { ...refusal('refused', code, message), ...author });
    return undefined;
  }
}

const noBytes = new Uint8Array(0);
const noParams = Object.freeze({});

/** What is said without a body. */
export function refusal(outcome: 'refused' | 'expired', code: ErrorCode, reason: string): DeliveryReply {
  return { outcome, code, reason, params: noParams, bodyKind: 'none', body: noBytes };
}
