import { deafEvents } from '../delivery/deaf-events.ts';
import type { AcceptedStream, StreamEvents } from '../delivery/mesh-stream.ts';
import type { PieceSlab } from '../delivery/piece-slab.ts';
import { fromBody, toBody } from '../protocol/body.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import type { ByteChannel, IncomingStream, StreamHandler, StreamTable } from './byte-channel.ts';
import { type ChannelEvents, channelOver } from './channel-over.ts';
import { checkParams } from './check-params.ts';
import { checkReset } from './check-reset.ts';
import { choiceByCommand } from './choice-by-command.ts';

/** Takes streams for a program's handlers. Throws FogataError `invalid` for a table that has none or a bad command. */
export function streamTaker(
  served: StreamHandler | StreamTable,
  instance: { readonly service: string; readonly node: string },
  slab: PieceSlab,
): (stream: AcceptedStream) => StreamEvents {
  const handlerOf = choiceByCommand<StreamHandler>(served);
  return (stream) => {
    const handler = handlerOf(stream.head.command);
    if (handler === undefined) {
      stream.reset('unknown-command', `${stream.head.service} takes no stream ${stream.head.command}`);
      return deafEvents;
    }
    const body = fromBody(stream.head.bodyKind, stream.body);
    if (!body.ok) {
      stream.reset('invalid', `the body is not the ${stream.head.bodyKind} it says`);
      return deafEvents;
    }
    const offer = offerOf(stream, instance, body.value, slab);
    try {
      handler(offer.incoming)?.then(offer.done, offer.fail);
    } catch (error) {
      offer.fail(error);
    }
    return offer.events;
  };
}

interface Offer {
  readonly incoming: IncomingStream;
  readonly events: StreamEvents;
  /** The handler's promise is fulfilled. */
  done(): void;
  fail(thrown: unknown): void;
}

function offerOf(
  stream: AcceptedStream,
  instance: ByteChannel['instance'],
  body: IncomingStream['body'],
  slab: PieceSlab,
): Offer {
  const { head, deadlineMs } = stream;
  let taken: { readonly channel: ByteChannel; readonly events: ChannelEvents } | undefined;
  let gone: FogataError | undefined;
  let isRefused = false;

  function reset(code: ErrorCode, reason: string): void {
    checkReset(code, reason);
    if (taken !== undefined) taken.channel.reset(code, reason);
    else if (!isRefused && gone === undefined) stream.reset(code, reason);
    isRefused = true;
  }

  function accept(said: Parameters<IncomingStream['accept']>[0] = {}): ByteChannel {
    if (taken !== undefined || isRefused) throw new FogataError('invalid', 'this stream was decided about already');
    const params = said.params === undefined ? {} : checkParams(said.params);
    const answer = toBody(said.body);
    taken = channelOver(stream, { instance, params, body: said.body }, slab);
    if (gone === undefined) stream.accept({ params, bodyKind: answer.kind, body: answer.bytes });
    else taken.events.onReset(gone.code, gone.message);
    return taken.channel;
  }

  return {
    incoming: {
      id: head.id,
      from: { node: head.fromNode, service: head.fromService },
      service: head.service,
      command: head.command,
      params: head.params,
      body,
      deadlineMs,
      accept,
      reset,
    },
    events: {
      onReady() {},
      onAccept() {},
      onData: (bytes) => taken?.events.onData(bytes),
      onDrain: () => taken?.events.onDrain(),
      onEnd: () => taken?.events.onEnd(),
      onFinish: () => taken?.events.onFinish(),
      onReset(code, reason) {
        gone = new FogataError(code, reason);
        taken?.events.onReset(code, reason);
      },
    },
    done() {
      if (taken === undefined) reset('failed', 'the handler is done, and has not accepted it');
    },
    fail(thrown) {
      const error = FogataError.from(thrown);
      if (taken?.channel.destroyed !== true) reset(error === thrown ? error.code : 'failed', error.message);
    },
  };
}
