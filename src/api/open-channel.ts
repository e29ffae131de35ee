import type { MeshStream, StreamEvents } from '../delivery/mesh-stream.ts';
import type { ProgramOpen } from '../delivery/program-open.ts';
import { fromBody } from '../protocol/body.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import type { ByteChannel } from './byte-channel.ts';
import { type ChannelEvents, channelOver } from './channel-over.ts';

/** Opens a stream and resolves once it is accepted; else rejects with a FogataError. */
export function openChannel(
  open: (events: StreamEvents) => MeshStream,
  { to }: ProgramOpen,
  signal: AbortSignal | undefined,
): Promise<ByteChannel> {
  return new Promise((resolve, reject) => {
    let stream: MeshStream | undefined;
    let accepted: { readonly channel: ByteChannel; readonly events: ChannelEvents } | undefined;
    const gaveUp = new FogataError('cancelled', `whoever opened it gave up`);
    const abort = (): void => {
      if (accepted !== undefined) {
        accepted.channel.destroy(gaveUp);
        return;
      }
      stream?.reset('cancelled', gaveUp.message);
      reject(gaveUp);
    };
    const forget = (): void => signal?.removeEventListener('abort', abort);
    const events: StreamEvents = {
      onReady() {},
      onAccept(head, instance) {
        // Nothing is told before `open` has returned but a failure.
        const taken = stream as MeshStream;
        const body = fromBody(head.bodyKind, head.body);
        if (!body.ok) {
          forget();
          const reason = `the accept of ${to.service}@${instance.node} is not the ${head.bodyKind} it says`;
          taken.reset('protocol', reason);
          reject(new FogataError('protocol', reason));
          return;
        }
        accepted = channelOver(taken, { instance, params: head.params, body: body.value });
        accepted.channel.once('close', forget);
        resolve(accepted.channel);
      },
      onData: (bytes) => accepted?.events.onData(bytes),
      onDrain: () => accepted?.events.onDrain(),
      onEnd: () => accepted?.events.onEnd(),
      onFinish: () => accepted?.events.onFinish(),
      onReset(code, reason) {
        if (accepted !== undefined) accepted.events.onReset(code, reason);
        else {
          forget();
          reject(new FogataError(code, reason));
        }
      },
    };
    if (signal?.aborted === true) {
      reject(gaveUp);
      return;
    }
    signal?.addEventListener('abort', abort, { once: true });
    stream = open(events);
  });
}
