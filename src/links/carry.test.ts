import { describe, expect, it } from 'vitest';
import { FrameKind } from '../protocol/frame.ts';
import { noNode } from '../protocol/ids.ts';
import { bodyBytesMax, linkMarkBytes, queuedBytesMax, reasonBytesMax } from '../protocol/limits.ts';
import { type ReplyHead, writeReplyHead } from '../protocol/reply-head.ts';
import { Writer } from '../protocol/writer.ts';
import { isBulk } from './bulk-lane.ts';
import { carry } from './carry.ts';
import type { FrameLink } from './frame-link.ts';

const body = new Uint8Array(1);

/** What becomes of a frame where so much is queued. */
function carried(kind: number, queuedBytes: number, hasBody = true, head?: Uint8Array) {
  let isDestroyed = false;
  const destroy = () => void (isDestroyed = true);
  const [small, bulk] = isBulk(kind) ? [0, queuedBytes] : [queuedBytes, 0];
  const queued = { queuedBytes: () => small, bulkBytes: () => bulk };
  const link = { ...queued, send: () => queuedBytes <= linkMarkBytes, destroy } as unknown as FrameLink;
  const fields = { kind, flags: 0, hops: 0, to: noNode, from: noNode, correlation: 1, deadlineMs: 1 };
  const result = carry(link, fields, head, hasBody ? body : undefined);
  return isDestroyed ? `${result}, and the link is given up` : result;
}

function replyHead(fields: Partial<ReplyHead>): Uint8Array {
  const writer = new Writer();
  const names = { service: 'crm', node: 'db1' };
  const plain = {
    outcome: 'answered',
    code: undefined,
    bodyKind: 'none',
    load: undefined,
    reason: '',
    params: {},
  } as const;
  writeReplyHead(writer, { ...plain, ...names, ...fields });
  return writer.view();
}

const { data, message, reply, credit, reset } = FrameKind;

describe('a frame for a link on which much is queued', () => {
  it.each([
    ['bytes of a stream', data, linkMarkBytes],
    ['a message', message, queuedBytesMax],
    ['a reply with a body', reply, queuedBytesMax],
  ])('%s is not taken at n + 1', (_what, kind, most) => {
    expect(carried(kind, most)).not.toBe('busy');
    expect(carried(kind, most + 1)).toBe('busy');
  });

  it.each([
    ['the end of a stream', data],
    ['credit', credit],
    ['a reset', reset],
    ['a reply without a body', reply],
  ])('%s is taken all the same, until the link is given up', (_what, kind) => {
    const most = queuedBytesMax + 2 * bodyBytesMax;
    expect(carried(kind, most, false)).toBe('pressed');
    expect(carried(kind, most + 1, false)).toBe('unreachable, and the link is given up');
  });

  it.each([
    ['its body behind its head, as it came from a program', { bodyKind: 'json' }],
    ['parameters as long as a body', { params: { all: 'x'.repeat(2_048) } }],
  ] as const)('an answer with %s is not taken at n + 1: it must not cost the link', (_what, fields) => {
    const head = replyHead(fields);
    expect(carried(reply, queuedBytesMax, false, head)).toBe('pressed');
    expect(carried(reply, queuedBytesMax + 1, false, head)).toBe('busy');
    expect(carried(reply, queuedBytesMax + 2 * bodyBytesMax + 1, false, head)).toBe('busy');
  });

  it('the longest refusal is taken all the same', () => {
    const names = { service: 's'.repeat(63), node: 'n'.repeat(63) };
    const head = replyHead({ ...names, outcome: 'refused', code: 'busy', reason: 'r'.repeat(reasonBytesMax) });
    expect(carried(reply, queuedBytesMax + 1, false, head)).toBe('pressed');
  });
});
