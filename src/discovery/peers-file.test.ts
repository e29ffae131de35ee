import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodeId } from '../protocol/ids.ts';
import { decodePeers, encodePeers, type RememberedPeer, rememberedPeersMax } from './peers-file.ts';

const peer: RememberedPeer = {
  id: '00000000000000aa' as NodeId,
  name: 'db1',
  addresses: [
    { address: '192.0.2.1', port: 7472 },
    { address: 'fe80::1%eth0', port: 7473 },
  ],
};

function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
}

describe('the peers file', () => {
  it('reads what it wrote', () => {
    expect(decodePeers(encodePeers('site', [peer]), 'site')).toEqual([peer]);
  });

  it('knows nobody of another cluster', () => {
    expect(decodePeers(encodePeers('site', [peer]), 'other')).toEqual([]);
  });

  it('leaves out rows that make no sense', () => {
    const bad = [
      null,
      7,
      [],
      {},
      { ...peer, id: 'x' },
      { ...peer, name: 'UPPER' },
      { ...peer, addresses: 'none' },
      { ...peer, addresses: [] },
      { ...peer, addresses: [{ address: 'localhost', port: 1 }, { address: '192.0.2.1', port: 0 }, null] },
    ];
    expect(decodePeers(bytesOf({ cluster: 'site', peers: [...bad, peer] }), 'site')).toEqual([peer]);
  });

  it('holds 256 peers and no more', () => {
    const many = Array.from({ length: rememberedPeersMax + 1 }, (_, i) => ({
      ...peer,
      id: i.toString(16).padStart(16, '0') as NodeId,
    }));
    expect(decodePeers(encodePeers('site', many.slice(1)), 'site')).toHaveLength(rememberedPeersMax);
    expect(decodePeers(encodePeers('site', many), 'site')).toHaveLength(rememberedPeersMax);
    expect(decodePeers(bytesOf({ cluster: 'site', peers: many }), 'site')).toHaveLength(rememberedPeersMax);
  });

  it('throws an error for anything that is no such file, and nothing else happens', () => {
    for (const garbage of ['', '{', '[]', 'null', '7', '{"cluster":"site"}', 'x'.repeat(2_000_000)]) {
      expect(() => decodePeers(bytesOf(garbage), 'site')).toThrow(Error);
    }
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map(bytesOf)), (bytes) => {
        try {
          decodePeers(bytes, 'site');
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});
