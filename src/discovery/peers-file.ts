import { isNodeId, type NodeId } from '../protocol/ids.ts';
import { canonicalIp } from '../protocol/ip-address.ts';
import { addressesMax } from '../protocol/limits.ts';
import { isName } from '../protocol/names.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';

/** Peers kept: enough to find the rest of any cluster by. */
export const rememberedPeersMax = 256;

/** Larger than 256 peers with all their addresses can be; what is larger was not written by this code. */
const bytesMax = 1_048_576;

/** A peer as it was last known. */
export interface RememberedPeer {
  readonly id: NodeId;
  readonly name: string;
  readonly addresses: readonly SocketAddress[];
}

export function encodePeers(cluster: string, peers: readonly RememberedPeer[]): Uint8Array {
  const rows = peers.slice(0, rememberedPeersMax).map(({ id, name, addresses }) => {
    return { id, name, addresses: addresses.slice(0, addressesMax).map(({ address, port }) => ({ address, port })) };
  });
  return new TextEncoder().encode(`${JSON.stringify({ cluster, peers: rows }, undefined, 1)}\n`);
}

/**
 * The peers of `cluster`; none when the bytes are of another cluster. Rows that make no sense are left out. Throws when it
 * is no such file at all.
 */
export function decodePeers(bytes: Uint8Array, cluster: string): readonly RememberedPeer[] {
  if (bytes.length > bytesMax) throw new Error('too large');
  const file: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  if (!isObject(file) || !Array.isArray(file['peers'])) throw new Error('not a list of peers');
  if (file['cluster'] !== cluster) return [];
  const rows: readonly unknown[] = file['peers'];
  const peers = new Map<NodeId, RememberedPeer>();
  for (const row of rows.slice(0, rememberedPeersMax)) {
    const peer = decodePeer(row);
    if (peer !== undefined) peers.set(peer.id, peer);
  }
  return [...peers.values()];
}

function decodePeer(row: unknown): RememberedPeer | undefined {
  if (!isObject(row)) return undefined;
  const [id, name, addresses] = [row['id'], row['name'], row['addresses']];
  if (typeof id !== 'string' || !isNodeId(id) || typeof name !== 'string' || !isName(name)) return undefined;
  if (!Array.isArray(addresses)) return undefined;
  const known: SocketAddress[] = [];
  for (const entry of (addresses as readonly unknown[]).slice(0, addressesMax)) {
    if (!isObject(entry) || typeof entry['address'] !== 'string' || typeof entry['port'] !== 'number') continue;
    const address = canonicalIp(entry['address']);
    const port = entry['port'];
    if (address !== undefined && Number.isInteger(port) && port >= 1 && port <= 65_535) known.push({ address, port });
  }
  return known.length === 0 ? undefined : { id, name, addresses: known };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
