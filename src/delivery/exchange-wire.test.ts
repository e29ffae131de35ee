import { describe, expect, it } from 'vitest';
import { fakeCarrier, messageIdOf, nodeOf, requestOf, self } from '../../test/delivery/delivery-bed.ts';
import { Exchange } from './exchange.ts';
import type { ExchangeRequest } from './exchange-request.ts';
import { createExchangeWire } from './exchange-wire.ts';

/** What goes over the wire for the second attempt of a message. */
function written(request: ExchangeRequest): number[] {
  const carrier = fakeCarrier();
  const wire = createExchangeWire({ self, selfName: 'me', carrier });
  const exchange = new Exchange(request, undefined, () => undefined, { correlation: 1, id: undefined, now: 0 });
  exchange.attempts = 2;
  wire.message(exchange, nodeOf(1), 0);
  return [...(carrier.sent[0]?.rest ?? [])];
}

/** 18 bytes of id, body kind and attempt, and what follows them. */
const restOf = (...bytes: number[]) => new Uint8Array([...new Array<number>(18).fill(9), ...bytes]);
const secondOf = (...bytes: number[]) => [...new Array<number>(17).fill(9), 1, ...bytes];
const told = { headBytes: 18, pass: () => undefined, delivered: () => undefined };
const id = messageIdOf(7);
const body = new Uint8Array([1, 2, 3]);

describe('a message that is encoded already', () => {
  it('goes as it is but for its attempt, its body once, also where it is its own request', () => {
    const plain = { ...requestOf({ id, body }), rest: restOf(1, 2, 3), ...told };
    const passed = { ...plain, encoded: plain };
    expect(written(passed)).toEqual(secondOf(1, 2, 3));
  });

  it('has its body behind it where that lies apart', () => {
    const encoded = { rest: restOf(), bodyApart: body, ...told };
    expect(written(requestOf({ id, body, encoded }))).toEqual(secondOf(1, 2, 3));
  });
});
