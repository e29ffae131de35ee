import { describe, expect, it } from 'vitest';
import { deliveredRest } from '../../test/delivery/delivered-frames.ts';
import { received } from '../../test/delivery/delivery-bed.ts';
import { DeliveredWriter, ReceivedDelivered } from './delivered.ts';
import { FrameKind } from './frame.ts';
import { deliveredMax, membersMax } from './limits.ts';
import { Reader } from './reader.ts';

const reader = new Reader(new Uint8Array(0));

function written(correlations: readonly number[], nodes: readonly string[] = ['db1'], load?: number) {
  return { rest: deliveredRest('crm', nodes, correlations, load), first: correlations[0] as number };
}

function read(rest: Uint8Array, first: number) {
  const delivered = new ReceivedDelivered();
  const malformed = delivered.read(received({ kind: FrameKind.delivered, correlation: first }, rest), reader);
  const { service, nodes, load } = delivered;
  const { values, count } = delivered.correlations;
  return malformed ?? { service, nodes, load, correlations: [...values.subarray(0, count)] };
}

const countUp = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe('[F15] a delivered frame', () => {
  it.each([
    ['one', [7]],
    ['those that follow each other', [7, 8, 9]],
    ['the widest step, and one more', [1, 256, 512]],
    ['any order, the same one twice, and the ends of the range', [4_294_967_295, 0, 5, 5, 4, 4_294_967_295]],
  ])('brings %s', (_what, correlations) => {
    const { rest, first } = written(correlations, ['db1'], 0.5);
    expect(read(rest, first)).toEqual({ service: 'crm', nodes: ['db1'], load: 0.5, correlations });
  });

  it('costs a byte for each of those that follow each other', () => {
    const one = written([1]).rest.length;
    expect(written(countUp(1_000)).rest.length).toBe(one + 999);
  });

  it('holds so many messages and no more', () => {
    const writer = new DeliveredWriter();
    writer.begin('crm', ['db1']);
    for (const correlation of countUp(deliveredMax)) expect(writer.correlations.add(correlation)).toBe(true);
    expect(writer.correlations.add(deliveredMax + 1)).toBe(false);
    const rest = writer.view(undefined);
    expect(read(rest, 1)).toMatchObject({ correlations: countUp(deliveredMax) });
    expect(read(Buffer.concat([rest, Uint8Array.of(1)]), 1)).toBe('count');
  });

  it('names so many nodes and no more, and at least one', () => {
    const nodes = countUp(membersMax + 1).map((number) => `n${number}`);
    const most = written([1], nodes.slice(0, membersMax));
    expect(read(most.rest, 1)).toMatchObject({ nodes: nodes.slice(0, membersMax), load: undefined });
    expect(read(written([1], nodes).rest, 1)).toBe('count');
    expect(read(written([1], []).rest, 1)).toBe('count');
  });

  it.each([
    ['half a correlation', [0, 0, 1, 0], 'short'],
    ['a step beyond the range', [0, 255, 255, 255, 255, 1], 'range'],
  ])('with %s is malformed', (_what, tail, reason) => {
    expect(read(Buffer.concat([written([1]).rest, Uint8Array.from(tail)]), 1)).toBe(reason);
  });

  it('is malformed where it is cut off, or bears no name', () => {
    const { rest } = written([1]);
    for (let length = 0; length < rest.length; length++) expect(read(rest.subarray(0, length), 1)).toBe('short');
    expect(read(rest.with(2, 0x20), 1)).toBe('name');
    expect(() => written([1], ['no name'])).toThrow(expect.objectContaining({ code: 'invalid' }));
  });
});
