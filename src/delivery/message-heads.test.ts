import { describe, expect, it } from 'vitest';
import { requestOf } from '../../test/delivery/delivery-bed.ts';
import { noTexts } from '../protocol/text-record.ts';
import { MessageHeads } from './message-heads.ts';

const asked = (change = {}) => requestOf({ params: noTexts, ...change });

describe('heads that were written a moment ago', () => {
  it('are found again for what says the same, whoever made the request', () => {
    const heads = new MessageHeads();
    expect(heads.find(asked())).toBeUndefined();
    const bytes = Uint8Array.of(1);
    heads.add(asked(), bytes);
    expect(heads.find(asked({ id: 'f'.repeat(32), body: Uint8Array.of(2), replyWanted: false }))).toBe(bytes);
  });

  it.each([
    ['parameters', { params: { a: '1' } }],
    ['no parameters of its own', { params: {} }],
    ['another service', { to: { service: 'erp', node: '' } }],
    ['another node', { to: { service: 'crm', node: 'db1' } }],
    ['another command', { command: 'PUT' }],
    ['another sender', { fromService: 'erp' }],
    ['another kind of body', { bodyKind: 'text' }],
  ])('are not found with %s', (_what, change) => {
    const heads = new MessageHeads();
    heads.add(asked(), Uint8Array.of(1));
    expect(heads.find(asked(change))).toBeUndefined();
  });

  it('are eight, the newest', () => {
    const heads = new MessageHeads();
    for (let n = 0; n < 9; n++) heads.add(asked({ command: `c${n}` }), Uint8Array.of(n));
    expect(heads.find(asked({ command: 'c0' }))).toBeUndefined();
    for (let n = 1; n < 9; n++) expect(heads.find(asked({ command: `c${n}` }))).toEqual(Uint8Array.of(n));
  });
});
