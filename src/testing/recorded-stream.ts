import type { AcceptedStream, MeshStream, StreamEvents } from '../delivery/mesh-stream.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import type { StreamSideRecord } from './history.ts';

/** Every byte of a stream follows from its number, direction and place: whoever receives it can tell a wrong one. */
export function patternByte(number: number, place: number): number {
  return (Math.imul(number + 1, 0x9e37) + Math.imul(place, 0x85eb) + (place >>> 8)) & 0xff;
}

const chunkBytes = 24_000;

/** Writes `bytesTotal` bytes of the pattern, stopping where it is told to, and checks what comes the other way. */
export interface StreamScript {
  readonly events: Pick<StreamEvents, 'onData' | 'onDrain' | 'onEnd' | 'onFinish' | 'onReset'>;
  /** More may be written now. */
  pump(): void;
}

export interface StreamScriptOptions {
  readonly record: StreamSideRecord;
  readonly number: number;
  readonly sends: 'forth' | 'back';
  readonly bytesTotal: number;
  /** Undefined before the opener has its stream. */
  readonly stream: () => MeshStream | AcceptedStream | undefined;
}

export function createStreamScript(options: StreamScriptOptions): StreamScript {
  const { record, number, bytesTotal } = options;
  const [own, other] = options.sends === 'forth' ? [2 * number, 2 * number + 1] : [2 * number + 1, 2 * number];
  let writable = false;

  function fault(text: string): void {
    if (record.faults.length < 8) record.faults.push(text);
  }

  function alive(what: string): boolean {
    if (record.finished > 0) fault(`${what} after the finish`);
    else if (record.resets.length > 0) fault(`${what} after the reset`);
    else if (record.brokenOff) fault(`${what} after its own reset`);
    else return true;
    return false;
  }

  function pump(): void {
    const stream = options.stream();
    if (stream === undefined || record.ended || record.brokenOff) return;
    while (writable && record.sentBytes < bytesTotal) {
      const bytes = new Uint8Array(Math.min(chunkBytes, bytesTotal - record.sentBytes));
      for (let i = 0; i < bytes.length; i++) bytes[i] = patternByte(own, record.sentBytes + i);
      record.sentBytes += bytes.length;
      writable = stream.write(bytes);
    }
    if (record.sentBytes < bytesTotal) return;
    record.ended = true;
    stream.end();
  }

  return {
    pump() {
      writable = true;
      pump();
    },
    events: {
      onData(bytes) {
        if (!alive('data')) return;
        if (record.peerEnded) fault('data after the end');
        for (let i = 0; i < bytes.length; i++) {
          if (bytes[i] === patternByte(other, record.receivedBytes + i)) continue;
          fault(`byte ${record.receivedBytes + i} is wrong`);
          break;
        }
        record.receivedBytes += bytes.length;
        options.stream()?.consumed(bytes.length);
      },
      onDrain() {
        if (!alive('a drain')) return;
        writable = true;
        pump();
      },
      onEnd() {
        if (!alive('an end')) return;
        if (record.peerEnded) fault('a second end');
        record.peerEnded = true;
      },
      onFinish() {
        if (!alive('a finish')) return;
        if (!record.peerEnded || !record.ended) fault('a finish before both ends');
        record.finished += 1;
      },
      onReset(code: ErrorCode) {
        if (!alive('a reset')) return;
        record.resets.push(code);
      },
    },
  };
}
