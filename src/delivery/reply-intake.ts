import { ReceivedAlike } from '../protocol/alike.ts';
import { ByteCopies } from '../protocol/byte-copies.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { Reader } from '../protocol/reader.ts';
import type { FramedBytes, ReceivedFrame } from '../protocol/received-frame.ts';
import { ReceivedReply } from '../protocol/reply-head.ts';
import type { Clock } from '../runtime/clock.ts';
import type { AttemptEnd } from '../selection/instance-track.ts';
import { endOfReply, isRepeatable } from './attempt-end.ts';
import type { Chooser } from './chooser.ts';
import type { CorrelationTable } from './correlation-table.ts';
import { answeredSettlement, type Exchange, wasNotExecuted } from './exchange.ts';
import { isNewLoad } from './is-new-load.ts';
import type { Publications } from './publications.ts';
import type { Settlement } from './settlement.ts';

export interface ReplyIntakeOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly chooser: Chooser;
  readonly reader: Reader;
  readonly pending: Pick<CorrelationTable<Exchange>, 'get'>;
  readonly publications: Pick<Publications, 'takeOut'>;
  /** It is under way no more. */
  readonly take: (exchange: Exchange, how: AttemptEnd, now: number) => void;
  /** Its settlement, or the reply as it came. */
  readonly tell: (exchange: Exchange, settlement: Settlement | undefined, rest?: Uint8Array) => void;
  /** It may be tried again. `maybeExecuted`: only because it is idempotent. */
  readonly attemptFailed: (exchange: Exchange, code: ErrorCode, reason: string, maybeExecuted?: boolean) => void;
  /** A reply nobody waits for ([F6]). */
  readonly stray: () => void;
}

/** Takes the replies of peers, each returning a fault when the frame is malformed. */
export interface ReplyIntake {
  onReply(peer: NodeId, frame: ReceivedFrame): string | undefined;
  /** The same reply to many [F17]. */
  onAlike(peer: NodeId, frame: ReceivedFrame): string | undefined;
}

export function createReplyIntake(options: ReplyIntakeOptions): ReplyIntake {
  const { clock, chooser, reader, pending, publications, take, tell, attemptFailed, stray } = options;
  const received = new ReceivedReply();
  const alike = new ReceivedAlike();
  const copies = new ByteCopies();

  /** `said` lies from `start` to `end`. */
  function answered(exchange: Exchange, said: ReceivedReply, at: FramedBytes, now: number): void {
    const { bytes, start, end } = at;
    const { outcome, code, bodyKind, bodyStart } = said;
    take(exchange, endOfReply(outcome, code), now);
    const { encoded } = exchange.request;
    // Beside `delivered` there may be room for what was tried before, and only for that.
    const isBare = outcome === 'delivered' && bodyKind === 'none' && exchange.tried.length === 0;
    if (encoded !== undefined && (outcome === 'answered' || isBare)) {
      return tell(exchange, undefined, bytes.subarray(start, end));
    }
    tell(exchange, answeredSettlement(exchange, said, copies.takeOf(at, bodyStart, end), now));
  }

  function replied(peer: NodeId, correlation: number, said: ReceivedReply, at: FramedBytes, now: number): void {
    const exchange = pending.get(correlation) ?? publications.takeOut(peer, correlation);
    if (exchange === undefined || exchange.chosen?.node !== peer) return stray();
    const { outcome, code, load, reason } = said;
    if (load !== undefined && isNewLoad(exchange.chosen.track, load, now)) {
      chooser.noteLoad(peer, exchange.request.to.service, load);
    }
    if (outcome === 'refused' && wasNotExecuted(code)) attemptFailed(exchange, code ?? 'failed', reason);
    else if (outcome === 'unknown' && exchange.request.idempotent) {
      attemptFailed(exchange, code ?? 'link-lost', reason, true);
    } else if (isRepeatable(exchange, outcome, code, chooser)) attemptFailed(exchange, 'failed', reason);
    else answered(exchange, said, at, now);
  }

  return {
    onReply(peer, frame) {
      reader.reset(frame.bytes, frame.start, frame.end);
      const malformed = received.read(reader);
      if (malformed !== undefined) return `bad reply: ${malformed}`;
      replied(peer, frame.correlation, received, frame, frame.readAt ?? clock.now());
      return undefined;
    },
    onAlike(peer, frame) {
      const malformed = alike.read(frame, reader);
      if (malformed !== undefined) return `bad alike: ${malformed}`;
      const { values, count } = alike.correlations;
      const now = frame.readAt ?? clock.now();
      for (let i = 0; i < count; i++) replied(peer, values[i] as number, alike.reply, alike, now);
      return undefined;
    },
  };
}
