import type { MeshStream, StreamEvents } from '../delivery/mesh-stream.ts';
import type { PieceSlab } from '../delivery/piece-slab.ts';
import type { ProgramOpen } from '../delivery/program-open.ts';
import { fromBody } from '../protocol/body.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { afterMicrotasks } from '../runtime/turn.ts';
import type { ByteChannel } from './byte-channel.ts';
import { type ChannelEvents, channelOver } from './channel-over.ts';

/** Opens a stream and resolves once it is accepted; else rejects with a FogataError. */
export function openChannel(
  open: (events: StreamEvents) => MeshStream,
  { to }: ProgramOpen,
  signal: AbortSignal | undefined,
  slab: PieceSlab,
): Promise<ByteChannel> {
  return new Promise((resolve, reject) => {
    let accepted: { readonly channel: ByteChannel; readonly events: ChannelEvents } | undefined;
    const abort = (): void => {
      if (accepted !== undefined) {
        accepted.channel.destroy(gaveUp());
        return;
      }
      const error = gaveUp();
      stream.reset(error.code, error.message);
      reject(error);
    };
    const forget = (): void => signal?.removeEventListener('abort', abort);
    const events: StreamEvents = {
      onReady() {},
      onAccept(head, instance) {
        const body = fromBody(head.bodyKind, head.body);
        if (!body.ok) {
          forget();
          const reason = `the accept of ${to.service}@${instance.node} is not the ${head.bodyKind} it says`;
          stream.reset('protocol', reason);
          reject(new FogataError('protocol', reason));
          return;
        }
        accepted = channelOver(stream, { instance, params: head.params, body: body.value }, slab);
        accepted.channel.once('close', forget);
        resolve(accepted.channel);
      },
      onData: (bytes) => accepted?.events.onData(bytes),
      onDrain: () => accepted?.events.onDrain(),
      onEnd: () => accepted?.events.onEnd(),
      onFinish: () => accepted?.events.onFinish(),
      onReset(code, reason) {
        if (accepted === undefined) {
          forget();
          reject(new FogataError(code, reason));
          return;
        }
        const { events: told } = accepted;
        // It may come right behind the accept: whoever awaits the channel is to hear its 'error' and 'close'.
        afterMicrotasks(() => told.onReset(code, reason));
      },
    };
    if (signal?.aborted === true) {
      reject(gaveUp());
      return;
    }
    signal?.addEventListener('abort', abort, { once: true });
    // A failure may be told within this call, anything else only later.
    const stream: MeshStream = open(events);
  });
}

const gaveUp = (): FogataError => new FogataError('cancelled', 'whoever opened it gave up');
