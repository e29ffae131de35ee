import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodeId } from '../protocol/ids.ts';
import {
  awayMax,
  decodeKeyReply,
  decodeKeyRequest,
  encodeKeyReply,
  encodeKeyRequest,
  type KeyReply,
  type KeyRequest,
  keyFrameBytesMax,
  ringView,
} from './key-frame.ts';
import { newRing, ringKeyOf } from './ring-state.ts';

const id = '0123456789abcdef' as NodeId;
const key = ringKeyOf(new Uint8Array(32).fill(3), 'site', 5);

describe('key frames', () => {
  it.each<KeyRequest>([
    { op: 'ring' },
    { op: 'list' },
    { op: 'add', key },
    { op: 'use', id: key.id, usedAt: 9 },
    { op: 'remove', id: key.id },
  ])('carry $op', (request) => {
    expect(decodeKeyRequest(encodeKeyRequest(request), 'site')).toEqual(request);
  });

  it.each<KeyReply>([
    { ok: false, reason: 'in use' },
    { ok: true, ring: ringView(newRing('site', key.secret, 5)), invited: undefined, away: [] },
    {
      ok: true,
      ring: ringView(newRing('site', key.secret, 5)),
      invited: undefined,
      away: [
        { id, name: 'attic', state: 'dead' },
        { id, name: 'hq', state: 'left' },
      ],
    },
    {
      ok: true,
      ring: ringView(newRing('site', key.secret, 5)),
      invited: { file: '{}', node: '0123456789abcdef', name: 'hq', port: 7472 },
      away: [],
    },
  ])('carry a reply', (reply) => {
    expect(decodeKeyReply(encodeKeyReply(reply))).toEqual(reply);
  });

  it('tell of so many that are away, and leave out what makes no sense', () => {
    const ring = ringView(newRing('site', key.secret, 5));
    const away = Array.from({ length: awayMax + 1 }, () => ({
      id,
      name: `n${'x'.repeat(62)}`,
      state: 'dead' as const,
    }));
    const bytes = encodeKeyReply({ ok: true, ring, invited: undefined, away });
    expect(bytes.length).toBeLessThan(keyFrameBytesMax);
    expect(decodeKeyReply(bytes)).toEqual({ ok: true, ring, invited: undefined, away: away.slice(0, awayMax) });
    const said = {
      ok: true,
      ring,
      away: [
        { id: 'x', name: 'a', state: 'dead' },
        { id, name: 'A', state: 'dead' },
        { id, name: 'a' },
      ],
    };
    expect(decodeKeyReply(new TextEncoder().encode(JSON.stringify(said)))).toMatchObject({ away: [] });
    expect(decodeKeyReply(new TextEncoder().encode(JSON.stringify({ ok: true, ring })))).toMatchObject({ away: [] });
  });

  it('a view tells no secret', () => {
    expect(Object.keys(ringView(newRing('site', key.secret, 5)).keys[0] ?? {})).toEqual(['id', 'madeAt']);
  });

  it('are decoded without a throw, whatever they are', () => {
    const json = fc.jsonValue().map((value) => new TextEncoder().encode(JSON.stringify(value)));
    fc.assert(
      fc.property(fc.oneof(json, fc.uint8Array({ maxLength: 300 })), (bytes) => {
        expect(decodeKeyRequest(bytes, 'site')).toBeUndefined();
        decodeKeyReply(bytes);
      }),
    );
    expect(decodeKeyRequest(new Uint8Array(keyFrameBytesMax + 1).fill(32), 'site')).toBeUndefined();
  });
});
