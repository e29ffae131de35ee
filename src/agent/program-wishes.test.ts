import { describe, expect, it } from 'vitest';
import { received } from '../../test/delivery/delivery-bed.ts';
import { ProgramWishes } from './program-wishes.ts';

const said = (wish: unknown, correlation = 7) => {
  const wishes = new ProgramWishes();
  const text = typeof wish === 'string' ? wish : JSON.stringify(wish);
  const fault = wishes.onFrame(received({ correlation }, new TextEncoder().encode(text)));
  return { wishes, fault };
};

describe('what a program wants of its next choice', () => {
  it('[F14] is for the message of its correlation, once', () => {
    const { wishes } = said({ strategy: 'nearest', labels: { version: '2' } });
    expect(wishes.isSaid).toBe(true);
    expect(wishes.take(7, false, 'call')).toMatchObject({ labels: { version: '2' }, wish: { strategy: 'nearest' } });
    expect(wishes.isSaid).toBe(false);
    expect(said({ strategy: 'nearest' }).wishes.take(8, false, 'call')).toEqual({ labels: undefined });
  });

  it('[F14] what it does not know yet is left aside', () => {
    expect(said({ colour: 'red', explain: true }).wishes.take(7, false, 'call').wish?.decisions).toEqual([]);
  });

  it.each(['', '{', '[]', '"x"', '{"strategy":"quickest"}', '{"labels":{"a":1}}', '{"hedge":"soon"}'])(
    '%j is malformed',
    (text) => {
      expect(said(text).fault).toBe('a wish is malformed');
    },
  );

  it('[F14] a stream is not hedged', () => {
    expect(() => said({ hedge: true }).wishes.take(7, true, 'open')).toThrow('a stream cannot be hedged');
  });

  it.each([
    [{ sticky: 'x'.repeat(256) }, /at most 255 bytes/],
    [{ hedge: true }, /only what is idempotent/],
    [{ labels: Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`l${n}`, ''])) }, /at most 16 labels/],
    [{ labels: { 'a]@b': '1' } }, /has characters other than/],
  ])('%o cannot be', (wish, why) => {
    expect(() => said(wish).wishes.take(7, false, 'call')).toThrow(why);
  });
});
