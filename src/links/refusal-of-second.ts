import type { NodeId } from '../protocol/ids.ts';
import type { LinkRefusal } from './create-frame-link.ts';
import type { Peer } from './peer.ts';

/**
 * [F3] Between two nodes there is one link: whether who has just said hello may have this one. One by another key than the
 * open link's takes its place ([K7]).
 */
export function refusalOfSecond(
  self: NodeId,
  other: NodeId,
  identity: string | undefined,
  peer: Peer | undefined,
): LinkRefusal | undefined {
  if (other === self) return { reason: 'not-allowed', text: 'this is the same node' };
  const isOpen = peer?.link !== undefined && (identity === peer.identity || peer.succession !== undefined);
  if (isOpen) return { reason: 'duplicate-link', text: 'there is a link already' };
  if (peer?.dial !== undefined && self < other) {
    return { reason: 'duplicate-link', text: 'a dial the other way is under way' };
  }
  return undefined;
}
