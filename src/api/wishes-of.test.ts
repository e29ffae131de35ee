import { describe, expect, it } from 'vitest';
import { encodeWish, readDecisions } from './program-wish.ts';
import { wishesOf } from './wishes-of.ts';

const wish = { strategy: undefined, key: '', besides: undefined, taken: undefined, decisions: undefined };

describe('what is wanted of a choice', () => {
  it.each([
    [{}, {}],
    [{ idempotent: true, hedge: false, explain: false }, {}],
    [{ strategy: 'nearest' }, { wish: { ...wish, strategy: 'nearest' } }],
    [{ sticky: 'ana' }, { wish: { ...wish, strategy: 'sticky', key: 'ana' } }],
    [{ sticky: 'a'.repeat(255) }, { wish: { ...wish, strategy: 'sticky', key: 'a'.repeat(255) } }],
    [{ explain: true }, { wish: { ...wish, decisions: [] } }],
    [
      { hedge: true, idempotent: true },
      { wish, hedge: { afterMs: undefined } },
    ],
    [
      { hedge: 50, idempotent: true },
      { wish, hedge: { afterMs: 50 } },
    ],
  ] as const)('%o', (options, wanted) => {
    expect(wishesOf(options, 'call')).toEqual(wanted);
  });

  it.each([
    [{ strategy: 'quickest' as never }, 'call', /a strategy is one of best, least-loaded/],
    [{ strategy: 'sticky' }, 'call', /needs a key/],
    [{ sticky: '' }, 'call', /key of sticky is a text/],
    [{ sticky: 'é'.repeat(128) }, 'call', /at most 255 bytes/],
    [{ sticky: 'a', strategy: 'random' }, 'call', /cannot be random as well/],
    [{ hedge: true }, 'call', /only what is idempotent/],
    [{ hedge: 0, idempotent: true }, 'call', /hedge is true or 1 to 86400000/],
    [{ hedge: 86_400_001, idempotent: true }, 'call', /hedge is true or 1 to 86400000/],
    [{ hedge: true, idempotent: true }, 'open', /a stream cannot be hedged/],
    [{ strategy: 'random' }, 'publish', /reaches every instance/],
  ] as const)('%o of a %s is refused', (options, verb, why) => {
    expect(() => wishesOf(options, verb)).toThrow(why);
  });
});

describe('a program tells its agent', () => {
  const plain = {
    ...{ id: undefined, to: { service: 'crm', node: '' }, command: 'PING', params: {}, bodyKind: 'none' as const },
    ...{ body: new Uint8Array(0), replyWanted: true, idempotent: true, deadlineMs: 1_000, fromService: '' },
  };
  const said = (request: Parameters<typeof encodeWish>[0]) => {
    const bytes = encodeWish(request);
    return bytes === undefined ? undefined : (JSON.parse(new TextDecoder().decode(bytes)) as unknown);
  };

  it('nothing of most messages', () => {
    expect(said(plain)).toBeUndefined();
  });

  it('labels, strategy, key, hedge and that an account is wanted', () => {
    expect(said({ ...plain, to: { service: 'crm', node: '', labels: { version: '2' } } })).toEqual({
      labels: { version: '2' },
    });
    const wishes = wishesOf({ sticky: 'ana', hedge: 50, explain: true, idempotent: true }, 'call');
    expect(said({ ...plain, ...wishes })).toEqual({ strategy: 'sticky', sticky: 'ana', hedge: 50, explain: true });
  });

  it('what comes back and is no account is none', () => {
    for (const text of ['', '{', '{}', 'null']) expect(readDecisions(new TextEncoder().encode(text))).toEqual([]);
  });
});
