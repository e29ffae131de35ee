import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameFields } from '../../test/interop/protocol-arbitraries.ts';
import {
  FrameHeader,
  FrameKind,
  FrameOffset,
  isIgnoredKind,
  isRestBytesValid,
  readFrameHeader,
  setFrameCorrelation,
  setFrameDeadline,
  setFrameFrom,
  setFrameHops,
  setFrameTo,
  writeFrameHeader,
} from './frame.ts';
import { type NodeId, noNode } from './ids.ts';
import { dataBytesMax, deadlineMsMax, frameBytesMax, frameBytesMin, frameHeaderBytes, hopsMax } from './limits.ts';

const here = '0011223344556677' as NodeId;
const there = '8899aabbccddeeff' as NodeId;
const fields = { kind: 6, flags: 3, hops: 8, to: there, from: here, correlation: 7, deadlineMs: 1_000 };

function written(): Uint8Array {
  const bytes = new Uint8Array(40);
  writeFrameHeader(bytes, 4, fields, 10);
  return bytes;
}

describe('the fixed header', () => {
  it('comes back as it went, whatever was read before', () => {
    const header = new FrameHeader();
    const bytes = new Uint8Array(64).fill(170);
    fc.assert(
      fc.property(frameFields, fc.nat(frameBytesMax - frameBytesMin), fc.nat(32), (any, restBytes, offset) => {
        writeFrameHeader(bytes, offset, any, restBytes);
        expect(readFrameHeader(bytes, offset, header)).toBeUndefined();
        expect(header).toMatchObject(any);
        expect([header.start, header.end]).toEqual([offset + frameHeaderBytes, offset + frameHeaderBytes + restBytes]);
      }),
    );
  });

  it.each([
    ['length below', FrameOffset.length + 3, frameBytesMin - 1, 'short'],
    ['length above', FrameOffset.length, 255, 'long'],
    ['kind 0', FrameOffset.kind, 0, 'kind'],
    ['kind 18', FrameOffset.kind, 18, undefined],
    ['kind 23', FrameOffset.kind, 23, undefined],
    ['kind 24', FrameOffset.kind, 24, 'kind'],
    ['kind 127', FrameOffset.kind, 127, 'kind'],
    ['kind 128', FrameOffset.kind, 128, undefined],
    ['reserved', FrameOffset.reserved, 1, 'range'],
    ['hops at', FrameOffset.hops, hopsMax, undefined],
    ['hops above', FrameOffset.hops, hopsMax + 1, 'range'],
    ['unknown flags', FrameOffset.flags, 255, undefined],
  ])('[F4] %s', (_what, at, byte, reason) => {
    const bytes = written();
    bytes[4 + at] = byte;
    expect(readFrameHeader(bytes, 4, new FrameHeader())).toBe(reason);
  });

  it('[F4] holds at the length bound', () => {
    const bytes = new Uint8Array(32);
    writeFrameHeader(bytes, 0, fields, frameBytesMax - frameBytesMin);
    expect(readFrameHeader(bytes, 0, new FrameHeader())).toBeUndefined();
    writeFrameHeader(bytes, 0, fields, frameBytesMax - frameBytesMin + 1);
    expect(readFrameHeader(bytes, 0, new FrameHeader())).toBe('long');
  });

  it('is patched in place and nowhere else', () => {
    const bytes = written();
    setFrameTo(bytes, 4, here);
    setFrameFrom(bytes, 4, there);
    setFrameCorrelation(bytes, 4, 0xffff_fffe);
    setFrameDeadline(bytes, 4, 12);
    setFrameHops(bytes, 4, 7);
    const header = new FrameHeader();
    expect(readFrameHeader(bytes, 4, header)).toBeUndefined();
    const patched = { to: here, from: there, correlation: 0xffff_fffe, deadlineMs: 12, hops: 7, flags: 3, kind: 6 };
    expect(header).toMatchObject(patched);
    expect([header.end, ...bytes.slice(0, 4), ...bytes.slice(36)]).toEqual([46, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it.each([
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    [deadlineMsMax, deadlineMsMax],
    [deadlineMsMax + 1, deadlineMsMax],
    [0.2, 1],
    [0, 0],
    [-5, 0],
  ])('[F10] a deadline of %d reads as %d', (deadlineMs, read) => {
    const bytes = written();
    setFrameDeadline(bytes, 4, deadlineMs);
    const header = new FrameHeader();
    readFrameHeader(bytes, 4, header);
    expect(header.deadlineMs).toBe(read);
  });

  it('knows the zero id again after another', () => {
    const header = new FrameHeader();
    const bytes = written();
    readFrameHeader(bytes, 4, header);
    setFrameTo(bytes, 4, noNode);
    readFrameHeader(bytes, 4, header);
    expect([header.to, header.from]).toEqual([noNode, here]);
  });
});

describe('the rest of frames without a decoder', () => {
  it.each([
    [FrameKind.ping, 0, 0, true],
    [FrameKind.ping, 0, 1, false],
    [FrameKind.pong, 0, 1, false],
    [FrameKind.cancel, 0, 1, false],
    [FrameKind.data, 0, 0, false],
    [FrameKind.data, 1, 0, true],
    [FrameKind.data, 0, dataBytesMax, true],
    [FrameKind.data, 0, dataBytesMax + 1, false],
    [FrameKind.message, 0, 99, true],
  ])('kind %i, flags %i, %i bytes: %s', (kind, flags, restBytes, valid) => {
    expect(isRestBytesValid(kind, flags, restBytes)).toBe(valid);
  });

  it('kinds 128 and above are for later', () => {
    expect([127, 128, 255].map(isIgnoredKind)).toEqual([false, true, true]);
  });
});
