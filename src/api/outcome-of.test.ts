import { describe, expect, it } from 'vitest';
import type { Settlement } from '../delivery/settlement.ts';
import { toBody } from '../protocol/body.ts';
import { messageIdFrom } from '../protocol/ids.ts';
import { answered } from './answered.ts';
import { outcomeJson } from './outcome-json.ts';
import { outcomeOf } from './outcome-of.ts';
import { publishedBody, readPublished, readTried, triedBody } from './program-reply.ts';
import { publishOutcomeOf } from './publish-outcome-of.ts';

const id = messageIdFrom(new Uint8Array(16).fill(1));

function settlement(given: Partial<Settlement>): Settlement {
  return {
    outcome: 'answered',
    id,
    instance: { service: 'crm', node: 'n1' },
    code: undefined,
    reason: '',
    params: {},
    bodyKind: 'none',
    body: new Uint8Array(0),
    tried: [],
    elapsedMs: 1.23456,
    ...given,
  };
}

const withBody = (value: Parameters<typeof toBody>[0]) => {
  const { kind, bytes } = toBody(value);
  return { bodyKind: kind, body: bytes };
};

describe('outcomeOf', () => {
  it('decodes the reply', () => {
    const outcome = outcomeOf(settlement({ ...withBody({ a: 1 }), params: { p: 'q' } }));
    expect(answered(outcome)).toEqual({ params: { p: 'q' }, body: { a: 1 } });
    expect(outcomeJson(outcome)).toEqual({
      outcome: 'answered',
      id,
      instance: { service: 'crm', node: 'n1' },
      reply: { params: { p: 'q' }, body: { a: 1 } },
      elapsedMs: 1.235,
    });
  });

  it('writes bytes as base64 and no body as null', () => {
    const bytes = outcomeOf(settlement(withBody(new Uint8Array([1, 2, 3]))));
    expect(outcomeJson(bytes)).toMatchObject({ reply: { body: { base64: 'AQID' } } });
    expect(outcomeJson(outcomeOf(settlement({})))).toMatchObject({ reply: { body: null } });
  });

  it('a reply that cannot be read is unknown: it was done', () => {
    const outcome = outcomeOf(settlement({ bodyKind: 'json', body: new Uint8Array([123]) }));
    expect(outcome).toMatchObject({ outcome: 'unknown', code: 'protocol', retryable: false });
  });

  it('says whether the same again may succeed', () => {
    const refused = outcomeOf(settlement({ outcome: 'refused', code: 'busy', reason: 'full' }));
    expect(refused).toMatchObject({ outcome: 'refused', code: 'busy', retryable: true });
    expect(() => answered(refused)).toThrow('refused (busy): full');
    expect(outcomeOf(settlement({ outcome: 'unknown', code: 'unreachable' }))).toMatchObject({ retryable: false });
    expect(() => answered(outcomeOf(settlement({ outcome: 'delivered' })))).toThrow(/use call/);
  });
});

const delivered = { service: 'crm', node: 'n1', outcome: 'delivered' } as const;
const crm = { service: 'crm', node: '*' };

describe('publishOutcomeOf', () => {
  it('is delivered when every instance has it', () => {
    const all = { id, elapsedMs: 1, instances: [delivered], isDelivered: true };
    expect(publishOutcomeOf(all, crm)).toEqual({ outcome: 'delivered', id, elapsedMs: 1, instances: [delivered] });
  });

  it('else says the first that is not, and refused when there is none', () => {
    const lost = { service: 'crm', node: 'n2', outcome: 'unknown', code: 'link-lost', reason: 'gone' } as const;
    const mixed = { id, elapsedMs: 1, instances: [delivered, lost], isDelivered: false };
    expect(publishOutcomeOf(mixed, crm)).toMatchObject({ outcome: 'unknown', code: 'link-lost', reason: 'n2: gone' });
    const none = publishOutcomeOf({ id, elapsedMs: 1, instances: [], isDelivered: false }, crm);
    expect(none).toMatchObject({ outcome: 'refused', code: 'no-instance', reason: 'nobody serves crm' });
    const labelled = publishOutcomeOf(
      { id, elapsedMs: 1, instances: [], isDelivered: false },
      { ...crm, labels: { v: '2' } },
    );
    expect(labelled).toMatchObject({ reason: 'nobody serves crm[v=2]' });
  });
});

describe('what an agent adds to a reply', () => {
  it('comes back as it was', () => {
    const tried = [{ service: 'crm', node: 'n1', code: 'busy', reason: 'full' }] as const;
    expect(readTried(triedBody(tried))).toEqual(tried);
    const busy = { service: 'crm', node: 'n2', outcome: 'refused', code: 'busy', reason: 'x' } as const;
    expect(readPublished(publishedBody([delivered, busy]))).toEqual([delivered, busy]);
  });

  it('is nothing where it cannot be read', () => {
    expect(readTried({ kind: 'none', bytes: new Uint8Array(0) })).toEqual([]);
    expect(readTried(toBody({ tried: 1 }))).toEqual([]);
    expect(
      readPublished(
        toBody({ instances: [null, 1, { ...delivered, outcome: 'nonsense' }, { ...delivered, outcome: 'answered' }] }),
      ),
    ).toEqual([]);
  });
});
