import { FrameFlag, FrameKind } from '../protocol/frame.ts';
import type { MessageId, NodeId } from '../protocol/ids.ts';
import { hopsMax } from '../protocol/limits.ts';
import { type MessageHead, setMessageAttempt, setMessageId, writeMessageHead } from '../protocol/message-head.ts';
import { noTexts } from '../protocol/text-record.ts';
import { Writer } from '../protocol/writer.ts';
import type { Carrier, CarryResult } from './carrier.ts';
import type { Exchange } from './exchange.ts';
import { MessageHeads } from './message-heads.ts';

export interface ExchangeWireOptions {
  readonly self: NodeId;
  readonly selfName: string;
  readonly carrier: Carrier;
  /** The id that was made last, as it goes over the wire; undefined: it is read from the text. */
  readonly newIdBytes?: Uint8Array | undefined;
}

/** How the frames of exchanges go out. */
export interface ExchangeWire {
  /** The attempt that has just begun. Throws FogataError for what cannot be written. */
  message(exchange: Exchange, node: NodeId, now: number): CarryResult;
  /** The running attempt, if any, is given up. */
  cancel(exchange: Exchange, now: number): void;
}

export function createExchangeWire({ self, selfName, carrier, newIdBytes }: ExchangeWireOptions): ExchangeWire {
  const writer = new Writer();
  const heads = new MessageHeads();
  // Written over for each frame: whoever carries them has read them when `send` returns.
  const fields = {
    kind: 0,
    flags: 0,
    hops: hopsMax,
    to: self,
    from: self,
    correlation: 0,
    deadlineMs: 0,
    reckonedAt: 0,
  };
  const head = headOf(selfName);

  function setFields(exchange: Exchange, to: NodeId, kind: FrameKind, now: number): void {
    fields.kind = kind;
    fields.flags = kind === FrameKind.message ? flagsOf(exchange) : 0;
    fields.to = to;
    fields.correlation = exchange.sentUnder;
    fields.deadlineMs = Math.max(0, exchange.deadlineAt - now);
    fields.reckonedAt = now;
  }

  /** Valid until the next one. */
  function headFor(exchange: Exchange, attempt: number): Uint8Array {
    const { request } = exchange;
    // The first attempt follows upon the making of the id.
    const idBytes = exchange.hasOwnId && exchange.attempts === 1 ? newIdBytes : undefined;
    const written = heads.find(request);
    if (written === undefined) return writeHead(exchange, attempt, idBytes);
    setMessageId(written, 0, exchange.id, idBytes);
    setMessageAttempt(written, 0, attempt);
    return written;
  }

  function writeHead(exchange: Exchange, attempt: number, idBytes: Uint8Array | undefined): Uint8Array {
    const { request } = exchange;
    head.id = exchange.id;
    head.bodyKind = request.bodyKind;
    head.attempt = attempt;
    head.service = request.to.service;
    head.node = request.to.node;
    head.command = request.command;
    head.fromService = request.fromService;
    head.params = request.params;
    writer.reset();
    writeMessageHead(writer, head, idBytes);
    if (request.params === noTexts) heads.add(request, writer.copy());
    return writer.view();
  }

  return {
    message(exchange, node, now) {
      const { encoded } = exchange.request;
      const attempt = Math.min(255, exchange.attempts - 1);
      setFields(exchange, node, FrameKind.message, now);
      if (encoded !== undefined) {
        const { rest } = encoded;
        setMessageAttempt(rest, 0, attempt);
        return carrier.send(node, fields, rest, encoded.bodyApart);
      }
      return carrier.send(node, fields, headFor(exchange, attempt), exchange.request.body);
    },
    cancel(exchange, now) {
      if (exchange.chosen === undefined) return;
      const { node } = exchange.chosen;
      setFields(exchange, node, FrameKind.cancel, now);
      carrier.send(node, fields, undefined, undefined);
    },
  };
}

function flagsOf({ request, only }: Exchange): number {
  return (
    (request.replyWanted ? FrameFlag.replyWanted : 0) |
    (request.idempotent ? FrameFlag.idempotent : 0) |
    (only === undefined ? 0 : FrameFlag.publish)
  );
}

/** A head to be filled in again for each message. */
function headOf(fromNode: string): { -readonly [Field in keyof MessageHead]: MessageHead[Field] } {
  return {
    id: '' as MessageId,
    bodyKind: 'none',
    attempt: 0,
    service: '',
    node: '',
    command: '',
    fromService: '',
    fromNode,
    params: {},
  };
}
