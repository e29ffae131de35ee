import { afterEach, describe, expect, it } from 'vitest';
import type { ByteStream, SecureDial, StreamListener } from './streams.ts';
import { systemStreams } from './system-streams.ts';
import { nextTurn } from './turn.ts';

const secure: SecureDial = { identity: 'good', psk: new Uint8Array(32).fill(1) };
const totalBytes = 2_000_000;

let listener: StreamListener;

afterEach(() => listener.close());

/** Bytes from which a missing, doubled or misplaced piece can be told. */
function sample(): Uint8Array {
  const numbers = new Uint32Array(totalBytes / 4);
  for (let i = 0; i < numbers.length; i += 1) numbers[i] = i;
  return new Uint8Array(numbers.buffer);
}

/** One side writes the sample and ends, the other reads it. Resolves with what was read, and the buffers it lay in. */
async function transfer(reader: 'dialler' | 'acceptor', onChunk: (stream: ByteStream) => void) {
  const streams = systemStreams();
  const read: Uint8Array[] = [];
  const buffers = new Set<ArrayBufferLike>();
  const write = (stream: ByteStream) => {
    stream.start({ onConnect() {}, onData() {}, onDrain() {}, onEnd() {}, onClose() {} });
    stream.write(sample());
    stream.end();
  };
  let done = () => {};
  const ended = new Promise<void>((resolve) => {
    done = resolve;
  });
  const take = (stream: ByteStream) =>
    stream.start({
      onConnect() {},
      onDrain() {},
      onData(bytes) {
        read.push(bytes.slice());
        buffers.add(bytes.buffer);
        onChunk(stream);
      },
      onEnd() {
        stream.end();
        done();
      },
      onClose() {},
    });
  listener = await streams.listen({ address: '127.0.0.1', port: 0 }, reader === 'acceptor' ? take : write, {
    pskOf: () => secure.psk,
    onRefused() {},
  });
  const dialled = streams.connect(listener.local, secure);
  if (reader === 'dialler') take(dialled);
  else write(dialled);
  await ended;
  return { bytes: Buffer.concat(read), buffers };
}

describe.each(['dialler', 'acceptor'] as const)('a secure stream, read by its %s', (reader) => {
  it('hands over what it opens in one buffer', async () => {
    const { bytes, buffers } = await transfer(reader, () => {});
    expect(bytes.equals(sample())).toBe(true);
    expect(buffers.size).toBe(1);
  });

  it('hands over nothing while it is paused, and afterwards all in order', async () => {
    let isPaused = false;
    let early = 0;
    let pauses = 0;
    const { bytes } = await transfer(reader, (stream) => {
      if (isPaused) early += 1;
      isPaused = true;
      pauses += 1;
      stream.pause();
      nextTurn(() => {
        isPaused = false;
        stream.resume();
      });
    });
    expect(early).toBe(0);
    expect(pauses).toBeGreaterThan(10);
    expect(bytes.equals(sample())).toBe(true);
  });
});
