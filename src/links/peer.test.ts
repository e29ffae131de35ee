import { expect, it } from 'vitest';
import type { NodeId } from '../protocol/ids.ts';
import type { FrameLink } from './frame-link.ts';
import { createPeer, unwrittenBytesOf } from './peer.ts';
import type { Succession } from './succession.ts';

const link = (queuedBytes: number, bulkBytes: number) =>
  ({ queuedBytes: () => queuedBytes, bulkBytes: () => bulkBytes }) as unknown as FrameLink;

it('what is not written is in the queues of the link, of both of them, and of the one before it', () => {
  const peer = createPeer('1' as NodeId);
  expect(unwrittenBytesOf(undefined)).toBe(Number.POSITIVE_INFINITY);
  expect(unwrittenBytesOf(peer)).toBe(Number.POSITIVE_INFINITY);
  peer.link = link(1, 20);
  expect(unwrittenBytesOf(peer)).toBe(21);
  peer.succession = { old: link(300, 4_000) } as unknown as Succession;
  expect(unwrittenBytesOf(peer)).toBe(4_321);
});
