// Fills the depth, and each answer makes the next question; all of a read is answered by one write.
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { bodyOf } from './body-of.ts';
import type { Load, Task } from './load.ts';
import { play } from './player.ts';
import { createRawParser, createRawWriter, oneWay, type RawWriter, rawHeadBytes } from './raw-frames.ts';
import { dialRaw, type RawPeer, type RawPlace } from './raw-socket.ts';
import { createSamples } from './samples.ts';

await play(async (place: RawPlace) => {
  const peer = await dialRaw(place);
  const perform = (task: Task) => {
    if (task.verb === 'call') return calls(peer, task);
    return task.verb === 'bulk' ? bulk(peer, task) : oneWays(peer, task);
  };
  return { player: { perform } };
});

function calls(peer: RawPeer, { depth, bodyBytes, ms }: Task): Promise<Load> {
  const body = bodyOf(bodyBytes);
  const samples = createSamples();
  const writer = createRawWriter(peer.socket);
  const askedAt = new Float64Array(depth);
  const from = performance.now();
  const until = from + ms;
  let now = from;
  let count = 0;
  let open = depth;
  return new Promise((resolve) => {
    const parse = createRawParser({
      onFrame(tag) {
        count += 1;
        if (depth === 1 || count % 8 === 0) samples.add((now - (askedAt[tag] as number)) * 1_000);
        if (now < until) {
          askedAt[tag] = now;
          writer.put(tag, body, 0, bodyBytes);
        } else {
          open -= 1;
          if (open === 0) resolve({ count, elapsedMs: now - from, latenciesUs: samples.sorted() });
        }
      },
      onOneWay: () => undefined,
    });
    peer.onBytes = (chunk) => {
      now = performance.now();
      parse(chunk);
      writer.flush();
    };
    for (let tag = 0; tag < depth; tag += 1) {
      askedAt[tag] = from;
      writer.put(tag, body, 0, bodyBytes);
    }
    writer.flush();
  });
}

async function oneWays(peer: RawPeer, { bodyBytes, ms }: Task): Promise<Load> {
  const body = bodyOf(bodyBytes);
  const writer = createRawWriter(peer.socket);
  const batch = Math.max(1, Math.floor(60_000 / (bodyBytes + 8)));
  const from = performance.now();
  const until = from + ms;
  let count = 0;
  for (let turns = 1; performance.now() < until; turns += 1) {
    for (let i = 0; i < batch; i += 1) writer.put(oneWay, body, 0, bodyBytes);
    count += batch;
    if (!writer.flush()) await once(peer.socket, 'drain');
    else if (turns % 8 === 0) await nextTurn();
  }
  await arrived(peer, writer);
  return { count, elapsedMs: performance.now() - from, latenciesUs: [] };
}

/** The same bytes again and again, by reference: nothing is copied but by the kernel. */
async function bulk(peer: RawPeer, { bodyBytes, ms }: Task): Promise<Load> {
  const frames = 4;
  const piece = Buffer.alloc(frames * (bodyBytes + rawHeadBytes));
  for (let at = 0; at < piece.length; at += bodyBytes + rawHeadBytes) {
    piece.writeUInt32BE(bodyBytes, at);
    piece.writeUInt32BE(oneWay, at + 4);
  }
  const from = performance.now();
  const until = from + ms;
  let count = 0;
  for (let turns = 1; performance.now() < until; turns += 1) {
    count += frames * bodyBytes;
    if (!peer.socket.write(piece)) await once(peer.socket, 'drain');
    else if (turns % 8 === 0) await nextTurn();
  }
  await arrived(peer, createRawWriter(peer.socket));
  return { count, elapsedMs: performance.now() - from, latenciesUs: [] };
}

/** One that is answered goes last: by then all the others have arrived. */
function arrived(peer: RawPeer, writer: RawWriter): Promise<void> {
  return new Promise((resolve) => {
    peer.onBytes = createRawParser({ onFrame: () => resolve(), onOneWay: () => undefined });
    writer.put(0, bodyOf(1), 0, 1);
    writer.flush();
  });
}
