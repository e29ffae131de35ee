import { describe, expect, it } from 'vitest';
import { bodyKinds } from '../protocol/body.ts';
import { bodyBytesMax } from '../protocol/limits.ts';
import { noTexts } from '../protocol/text-record.ts';
import { Writer } from '../protocol/writer.ts';
import { BareReplies } from './bare-replies.ts';
import type { DeliveryReply } from './provider.ts';
import { writeReply } from './write-reply.ts';

const bare: DeliveryReply = {
  outcome: 'answered',
  code: undefined,
  reason: '',
  params: noTexts,
  bodyKind: 'bytes',
  body: Uint8Array.of(1, 2),
};

describe('bare replies', () => {
  it('have the head that would be written, with the load of now', () => {
    const replies = new BareReplies('db1');
    for (const load of [0.5, undefined, 1, 0]) {
      for (const service of ['crm', 'erp', 'crm']) {
        for (const outcome of ['answered', 'delivered'] as const) {
          for (const bodyKind of bodyKinds) {
            const said = { ...bare, outcome, bodyKind };
            const writer = new Writer();
            writeReply(writer, said, { load, service, node: 'db1' });
            expect(replies.find(said, service, load)).toEqual(writer.copy());
          }
        }
      }
    }
  });

  it.each([
    ['parameters', { params: { a: '1' } }],
    ['a reason', { reason: 'because' }],
    ['a code', { code: 'failed' }],
    ['another outcome', { outcome: 'refused' }],
    ['too large a body', { body: new Uint8Array(bodyBytesMax + 1) }],
  ] as const)('are none with %s', (_what, change) => {
    expect(new BareReplies('db1').find({ ...bare, ...change }, 'crm', undefined)).toBeUndefined();
  });

  it('have a body up to the bound', () => {
    const said = { ...bare, body: new Uint8Array(bodyBytesMax) };
    expect(new BareReplies('db1').find(said, 'crm', undefined)).toBeDefined();
  });
});
