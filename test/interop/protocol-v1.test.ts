import { describe, expect, it } from 'vitest';
import { decodeDatagram } from '../../src/protocol/datagram.ts';
import { FrameKind } from '../../src/protocol/frame.ts';
import { createFrameParser } from '../../src/protocol/frame-parser.ts';
import { decodePayload } from '../../src/protocol/payload.ts';
import { PayloadKind } from '../../src/protocol/payload-kind.ts';
import { datagrams, frames, tag } from './protocol-samples.ts';

// These bytes are the protocol. A difference here is a new version of it, or a mistake: never just a snapshot to update.
const vectors = './vectors/protocol-v1.json';

const hexOf = (samples: Readonly<Record<string, Uint8Array>>) =>
  Object.fromEntries(Object.entries(samples).map(([name, bytes]) => [name, Buffer.from(bytes).toString('hex')]));

describe('version 1 on the wire', () => {
  it('is these bytes', async () => {
    const written = JSON.stringify({ cluster: 'home', datagrams: hexOf(datagrams), frames: hexOf(frames) }, null, 2);
    await expect(`${written}\n`).toMatchFileSnapshot(vectors);
  });

  it('has a vector for every kind of datagram and of frame', () => {
    const payloadKinds = Object.values(datagrams).map((bytes) => bytes[14]);
    const frameKinds = Object.values(frames).map((bytes) => bytes[4]);
    expect(new Set(payloadKinds)).toEqual(new Set(Object.values(PayloadKind)));
    expect(new Set(frameKinds)).toEqual(new Set(Object.values(FrameKind)));
  });

  it.each(Object.entries(datagrams))('is understood: datagram %s', (_name, bytes) => {
    const datagram = decodeDatagram(bytes, tag);
    if (!datagram.ok) throw new Error(datagram.reason);
    expect(decodePayload(datagram.payload)).toMatchObject({ ok: true });
  });

  it('is understood: all frames in one stream', () => {
    const parser = createFrameParser();
    const kinds: number[] = [];
    expect(parser.push(Buffer.concat(Object.values(frames)), (frame) => kinds.push(frame.kind))).toBeUndefined();
    expect(kinds).toEqual(Object.values(frames).map((bytes) => bytes[4]));
  });
});
