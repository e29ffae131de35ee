import type { SocketAddress } from '../protocol/socket-address.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Streams } from '../runtime/streams.ts';

/** What a host said to a SYN: its kernel completed the handshake, or refused because nobody listens there. */
export type HandshakeAnswer = 'accepted' | 'refused';

/** No answer within this is none: the machine that asked has made up its mind. */
const waitMs = 1_000;

/**
 * [M12] One TCP handshake, and nothing said: the kernel answers also for a process that is frozen. `done` is called at most
 * once, and not at all where nothing answered.
 */
export function probeHandshake(
  { clock, streams }: { readonly clock: Clock; readonly streams: Streams },
  where: SocketAddress,
  done: (answer: HandshakeAnswer) => void,
): void {
  const stream = streams.connect(where);
  const timeout = clock.schedule(waitMs, () => stream.destroy());
  stream.start({
    onData() {},
    onDrain() {},
    onEnd() {},
    onConnect() {
      done('accepted');
      stream.destroy();
    },
    onClose(error) {
      timeout.cancel();
      if (error !== undefined && 'code' in error && error.code === 'ECONNREFUSED') done('refused');
    },
  });
}
