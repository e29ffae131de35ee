import type { ByteStream, StreamAddress } from '../../src/runtime/streams.ts';
import { systemErrorCode } from '../../src/runtime/system-error.ts';
import type { VirtualProcess } from '../../src/testing/virtual-host.ts';

/** A stream with all that it told, in order. */
export interface ObservedStream {
  readonly stream: ByteStream;
  /** `connect`, `data` (once for a run of them), `drain`, `end`, `close` or `close CODE`. */
  readonly told: string[];
  /** All bytes received, as text. */
  text(): string;
  receivedBytes(): number;
}

/** Starts `stream` and notes everything. */
export function observeStream(stream: ByteStream): ObservedStream {
  const told: string[] = [];
  const decoder = new TextDecoder();
  let text = '';
  let receivedBytes = 0;
  stream.start({
    onConnect: () => told.push('connect'),
    onData(bytes) {
      receivedBytes += bytes.length;
      text += decoder.decode(bytes, { stream: true });
      if (told.at(-1) !== 'data') told.push('data');
    },
    onDrain: () => told.push('drain'),
    onEnd: () => told.push('end'),
    onClose: (error) => told.push(error === undefined ? 'close' : `close ${systemErrorCode(error)}`),
  });
  return { stream, told, text: () => text, receivedBytes: () => receivedBytes };
}

/** Listens in `process`; the list fills with what it accepts. Resolves once the world runs. */
export async function observeListener(process: VirtualProcess, where: StreamAddress): Promise<ObservedStream[]> {
  const accepted: ObservedStream[] = [];
  await process.runtime.streams.listen(where, (stream) => accepted.push(observeStream(stream)));
  return accepted;
}
