import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
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
    { ok: true, ring: ringView(newRing('site', key.secret, 5)), invited: undefined },
    {
      ok: true,
      ring: ringView(newRing('site', key.secret, 5)),
      invited: { file: '{}', node: '0123456789abcdef', name: 'hq', port: 7472 },
    },
  ])('carry a reply', (reply) => {
    expect(decodeKeyReply(encodeKeyReply(reply))).toEqual(reply);
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
