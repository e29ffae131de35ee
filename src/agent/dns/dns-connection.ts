import type { Clock, Timer } from '../../runtime/clock.ts';
import type { ByteStream } from '../../runtime/streams.ts';
import { idleMs, queryBytesMax } from './dns-limits.ts';
import type { DnsResponder } from './dns-responder.ts';

const noBytes = new Uint8Array(0);
const lengthBytes = 2;

/**
 * Answers the queries of one TCP connection in their order (RFC 7766), each with its length before it. It is closed when no
 * whole query came for a while, by a query that is too long, and by one that gets no answer. `onClose` is called once.
 */
export function serveConnection(stream: ByteStream, responder: DnsResponder, clock: Clock, onClose: () => void): void {
  let unread = noBytes;
  let hasEnded = false;
  /** The stream likes more: else the client does not read, and no more of its queries is answered until it has. */
  let hasRoom = true;
  let idle: Timer = clock.schedule(idleMs, () => stream.destroy());

  /** Returns how many bytes of them are done with; undefined: the connection is. */
  function answerAll(bytes: Uint8Array): number | undefined {
    let at = 0;
    while (bytes.length - at >= lengthBytes && hasRoom) {
      const length = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
      if (length > queryBytesMax) return undefined;
      const end = at + lengthBytes + length;
      if (end > bytes.length) break;
      const answer = responder.toStream(bytes.subarray(at + lengthBytes, end));
      if (answer === undefined) return undefined;
      hasRoom = stream.write(answer.slice());
      at = end;
      idle.cancel();
      idle = clock.schedule(idleMs, () => stream.destroy());
    }
    return at;
  }

  function take(bytes: Uint8Array): void {
    const all = unread.length === 0 ? bytes : joined(unread, bytes);
    const done = answerAll(all);
    if (done === undefined) {
      stream.destroy();
      return;
    }
    // A copy: of a Buffer, slice() would be a view of what is read over next.
    unread = Uint8Array.from(all.subarray(done));
    if (!hasRoom) stream.pause();
    else if (hasEnded) stream.end();
  }

  stream.start({
    onData: take,
    onConnect() {},
    onDrain() {
      hasRoom = true;
      stream.resume();
      take(noBytes);
    },
    onEnd() {
      hasEnded = true;
      if (hasRoom) stream.end();
    },
    onClose() {
      idle.cancel();
      onClose();
    },
  });
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
