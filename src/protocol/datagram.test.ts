import { describe, expect, it } from 'vitest';
import { clusterTag } from './cluster-tag.ts';
import {
  type DatagramOpener,
  type DatagramSealer,
  decodeDatagram,
  encodeDatagram,
  encodeSealedDatagram,
} from './datagram.ts';
import { datagramAcceptedBytesMax, datagramBytesMax, payloadBytesMax } from './limits.ts';

const tag = clusterTag('home');
const payload = Uint8Array.of(1, 2, 3);
const good = encodeDatagram(tag, payload);
const changed = (at: number, byte: number) => good.with(at, byte);

/** A seal that only turns bits round. */
const sealer: DatagramSealer = {
  keyId: new Uint8Array(8).fill(7),
  seal: (plain) => ({
    nonce: new Uint8Array(12).fill(5),
    ciphertext: Uint8Array.of(...plain.map((byte) => byte ^ 255), ...new Uint8Array(16).fill(9)),
  }),
};

const opener: DatagramOpener = {
  open: ({ keyId, nonce, ciphertext, header }) => {
    if (keyId[0] !== 7) return 'unknown-key';
    if (nonce[0] !== 5 || header.length !== 14 || ciphertext.at(-1) !== 9) return 'bad-seal';
    return ciphertext.slice(0, -16).map((byte) => byte ^ 255);
  },
};

describe('[D2] the envelope', () => {
  it('carries a payload', () => {
    expect(decodeDatagram(good, tag)).toEqual({ ok: true, version: 1, payload });
  });

  it.each([
    ['magic', changed(3, 0)],
    ['version', changed(4, 0)],
    ['version', changed(4, 2)],
    ['flags', changed(5, 2)],
    ['flags', changed(5, 129)],
    ['other-cluster', changed(13, 0)],
    ['datagram-too-short', good.slice(0, 14)],
    ['datagram-too-short', new Uint8Array(0)],
  ] as const)('is ignored: %s', (reason, bytes) => {
    expect(decodeDatagram(bytes, tag)).toEqual({ ok: false, reason });
  });

  it('[D1] holds at its bounds', () => {
    expect(encodeDatagram(tag, new Uint8Array(datagramBytesMax - 14))).toHaveLength(datagramBytesMax);
    expect(() => encodeDatagram(tag, new Uint8Array(datagramBytesMax - 13))).toThrow(
      expect.objectContaining({ code: 'too-large' }),
    );
    expect(encodeSealedDatagram(sealer, new Uint8Array(payloadBytesMax))).toHaveLength(datagramBytesMax);
    const received = new Uint8Array(datagramAcceptedBytesMax + 1);
    received.set(good);
    expect(decodeDatagram(received.subarray(0, -1), tag).ok).toBe(true);
    expect(decodeDatagram(received, tag)).toEqual({ ok: false, reason: 'datagram-too-long' });
  });

  it('is used at an offset of a larger buffer', () => {
    const larger = new Uint8Array(100);
    larger.set(good, 40);
    expect(decodeDatagram(larger.subarray(40, 40 + good.length), tag)).toEqual({ ok: true, version: 1, payload });
  });
});

describe('[D4] a sealed datagram', () => {
  const sealed = encodeSealedDatagram(sealer, payload);

  it('is opened by who has the key', () => {
    expect(decodeDatagram(sealed, tag, opener)).toEqual({ ok: true, version: 1, payload });
  });

  it.each([
    ['sealed', sealed, undefined],
    ['not-sealed', good, opener],
    ['unknown-key', sealed.with(6, 8), opener],
    ['bad-seal', sealed.with(sealed.length - 1, 8), opener],
    ['datagram-too-short', sealed.slice(0, 42), opener],
  ] as const)('%s', (reason, bytes, by) => {
    expect(decodeDatagram(bytes, tag, by)).toEqual({ ok: false, reason });
  });
});
