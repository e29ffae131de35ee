import { Duplex } from 'node:stream';
import type { MeshStream, StreamEvents } from '../delivery/mesh-stream.ts';
import type { PieceSlab } from '../delivery/piece-slab.ts';
import type { BodyValue } from '../protocol/body.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import type { ByteChannel } from './byte-channel.ts';
import { checkReset } from './check-reset.ts';
import type { Instance, Params } from './outcome.ts';

/** What an accepted stream tells its channel. */
export type ChannelEvents = Pick<StreamEvents, 'onData' | 'onDrain' | 'onEnd' | 'onFinish' | 'onReset'>;

export interface ChannelFacts {
  readonly instance: Instance;
  readonly params: Params;
  readonly body: BodyValue;
}

/** Bytes a channel holds for its reader before it lets the credit run out: one read of a file, or of a socket. */
const readAheadBytes = 65_536;

type Done = (error?: Error | null) => void;

/** A Node stream over an accepted stream of the mesh. */
export function channelOver(
  stream: MeshStream,
  facts: ChannelFacts,
  slab: PieceSlab,
): { readonly channel: ByteChannel; readonly events: ChannelEvents } {
  let owed = 0;
  let pending: Done | undefined;
  let isEnded = false;
  let isPeerEnded = false;
  let isOver = false;

  function settle(isFull: boolean, done: Done): void {
    if (isFull) pending = done;
    else done();
  }

  const duplex = new Duplex({
    // Reading to the end with `for await` must not break off the other way; see `closeWhenDone`.
    autoDestroy: false,
    readableHighWaterMark: readAheadBytes,
    writableHighWaterMark: readAheadBytes,
    read() {
      const count = owed;
      owed = 0;
      if (count > 0 && !isOver) stream.consumed(count);
    },
    write(chunk: Uint8Array, _encoding, done) {
      settle(!stream.write(chunk), done);
    },
    writev(chunks, done) {
      let isFull = false;
      for (const { chunk } of chunks) isFull = !stream.write(chunk as Uint8Array);
      settle(isFull, done);
    },
    final(done) {
      isEnded = true;
      stream.end();
      done();
    },
    destroy(error, done) {
      // What both sides have ended may still be on its way, and ends by itself.
      if (!isOver && !(isEnded && isPeerEnded)) {
        const { code, message } =
          error === null ? new FogataError('cancelled', 'broken off by the other side') : FogataError.from(error);
        stream.reset(code, message);
      }
      isOver = true;
      done(error);
    },
  });
  const closeWhenDone = (): void => {
    if (duplex.readableEnded && duplex.writableFinished) duplex.destroy();
  };
  duplex.on('end', closeWhenDone).on('finish', closeWhenDone);
  // Whoever wants to know listens; a peer that breaks off must not end the process of one who does not.
  duplex.on('error', () => undefined);
  const channel: ByteChannel = Object.assign(duplex, {
    ...facts,
    reset(code: ErrorCode, reason: string) {
      checkReset(code, reason);
      if (!isOver) stream.reset(code, reason);
      isOver = true;
      duplex.destroy();
    },
  });
  const events: ChannelEvents = {
    onData(bytes) {
      if (isOver) return;
      owed += bytes.length;
      if (!duplex.push(slab.copy(bytes))) return;
      const count = owed;
      owed = 0;
      stream.consumed(count);
    },
    onDrain() {
      const done = pending;
      pending = undefined;
      done?.();
    },
    onEnd() {
      isPeerEnded = true;
      duplex.push(null);
    },
    onFinish() {
      isOver = true;
    },
    onReset(code, reason) {
      isOver = true;
      duplex.destroy(new FogataError(code, reason));
    },
  };
  return { channel, events };
}
