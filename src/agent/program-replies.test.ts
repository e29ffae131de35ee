import { describe, expect, it } from 'vitest';
import { fakeMessageId } from '../../test/agent/fake-node.ts';
import { alikeIn } from '../../test/delivery/alike-frames.ts';
import { readPublished } from '../api/program-reply.ts';
import type { PublishedAt } from '../delivery/publish-settlement.ts';
import type { FrameLink } from '../links/frame-link.ts';
import { FrameKind } from '../protocol/frame.ts';
import { alikeReplyBytesMax, membersMax, reasonBytesMax } from '../protocol/limits.ts';
import { decodeReplyHead } from '../protocol/reply-head.ts';
import { Writer } from '../protocol/writer.ts';
import { ProgramReplies } from './program-replies.ts';

interface Sent {
  readonly kind: number;
  readonly correlation: number;
  readonly rest: Uint8Array;
}

function bed() {
  const sent: Sent[] = [];
  const nothing = () => undefined;
  const link: FrameLink = {
    peer: () => undefined,
    queuedBytes: () => 0,
    bulkBytes: () => 0,
    send({ kind, correlation }, head, body) {
      sent.push({ kind, correlation, rest: Buffer.concat([head ?? Buffer.alloc(0), body ?? Buffer.alloc(0)]) });
      return true;
    },
    sendFrames: () => true,
    end: nothing,
    goaway: nothing,
    verify: nothing,
    pause: nothing,
    resume: nothing,
    destroy: nothing,
  };
  const state = { told: 0 };
  const replies = new ProgramReplies(link, new Writer(), () => void (state.told += 1));
  const publish = (correlation: number, instances: readonly PublishedAt[]) => {
    const settlement = { id: fakeMessageId, elapsedMs: 1, isDelivered: false, instances };
    replies.published(correlation, settlement, { service: 'crm', node: '*' });
  };
  return { sent, state, replies, publish };
}

const told = ({ rest, correlation }: Sent) => alikeIn(rest, correlation);

describe('[F17] publishes that not every instance has', () => {
  const at = { service: 'crm', node: 'a' };
  const busy = [{ ...at, outcome: 'refused', code: 'busy', reason: 'full' }] as const;
  const cut = [{ ...at, outcome: 'unknown', code: 'link-lost', reason: 'cut' }] as const;

  it('of a turn are told in one frame where the same is to be said, and in another what is not', async () => {
    const { sent, state, replies, publish } = bed();
    publish(2, busy);
    publish(4, busy);
    publish(6, cut);
    publish(8, busy);
    expect(replies.waiting).toBe(1);
    await Promise.resolve();
    expect([replies.waiting, state.told]).toEqual([0, 3]);
    expect(sent.map(({ kind }) => kind)).toEqual([FrameKind.alike, FrameKind.alike, FrameKind.alike]);
    expect(sent.map(told)).toMatchObject([
      { reply: { outcome: 'refused', code: 'busy', reason: 'a: full' }, correlations: [2, 4] },
      { reply: { outcome: 'unknown', code: 'link-lost', reason: 'a: cut' }, correlations: [6] },
      { reply: { outcome: 'refused', code: 'busy' }, correlations: [8] },
    ]);
  });

  it('of which there is nobody say so', async () => {
    const { sent, publish } = bed();
    publish(2, []);
    await Promise.resolve();
    const reply = { outcome: 'refused', code: 'no-instance', reason: 'nobody serves crm' };
    expect(sent.map(told)).toMatchObject([{ reply, correlations: [2] }]);
  });

  it('are told of also where what all the instances say is more than a body holds', async () => {
    const { sent, publish } = bed();
    const why = { outcome: 'refused', code: 'busy', reason: 'x'.repeat(reasonBytesMax) } as const;
    publish(
      2,
      Array.from({ length: membersMax }, (_, i) => ({
        service: 'x'.repeat(63),
        node: `${i}`.padStart(63, 'y'),
        ...why,
      })),
    );
    const reply = decodeReplyHead(sent[0]?.rest ?? new Uint8Array(0), 0, sent[0]?.rest.length ?? 0);
    if (!reply.ok || sent[0] === undefined) throw new Error('no reply');
    expect(reply.head).toMatchObject({ outcome: 'refused', code: 'busy' });
    const instances = readPublished({ kind: reply.head.bodyKind, bytes: sent[0].rest.subarray(reply.bodyStart) });
    expect([instances.length, instances[1]?.node, instances[1]?.reason]).toEqual([
      membersMax,
      '1'.padStart(63, 'y'),
      undefined,
    ]);
  });

  it('have a frame each where what is to be said is too long for that', async () => {
    const { sent, state, publish } = bed();
    const many = (reasonBytes: number): PublishedAt[] =>
      Array.from({ length: 64 }, (_, i) => ({
        ...at,
        outcome: 'refused',
        code: 'busy',
        reason: 'x'.repeat(i < 63 ? 900 : reasonBytes),
      }));
    publish(2, many(0));
    await Promise.resolve();
    const alike = told(sent[0] as Sent);
    if (typeof alike === 'string') throw new Error(alike);
    const left = alikeReplyBytesMax - headBytes(sent[0] as Sent);
    for (const reasonBytes of [left, left + 1]) publish(4, many(reasonBytes));
    await Promise.resolve();
    // The longest that can be said of many, which goes at the turn's end, and one more byte.
    expect(sent.map(({ kind }) => kind)).toEqual([FrameKind.alike, FrameKind.reply, FrameKind.alike]);
    expect(state.told).toBe(3);
    const { rest } = sent[1] as Sent;
    const reply = decodeReplyHead(rest, 0, rest.length);
    if (!reply.ok) throw new Error(reply.reason);
    const body = { kind: reply.head.bodyKind, bytes: rest.subarray(reply.bodyStart) };
    expect(readPublished(body)).toEqual(many(left + 1));
  });
});

/** How long its reply is. */
function headBytes({ rest }: Sent): number {
  return ((rest[0] as number) << 8) | (rest[1] as number);
}
