import type { GossipItem } from './gossip-item.ts';
import type { NodeId } from './ids.ts';
import type { SocketAddress } from './socket-address.ts';

export interface Ping {
  readonly kind: 'ping';
  readonly sequence: number;
  readonly from: NodeId;
  /** `noNode`: whoever is there [G3]. */
  readonly to: NodeId;
  readonly viewDigest: number;
  readonly items: readonly GossipItem[];
}

export interface Ack {
  readonly kind: 'ack';
  readonly sequence: number;
  readonly from: NodeId;
  readonly viewDigest: number;
  readonly items: readonly GossipItem[];
}

export interface PingRequest {
  readonly kind: 'ping-request';
  readonly sequence: number;
  readonly from: NodeId;
  readonly target: NodeId;
  readonly targetAddress: SocketAddress;
  readonly items: readonly GossipItem[];
}

export interface Nack {
  readonly kind: 'nack';
  readonly sequence: number;
  readonly from: NodeId;
}

export interface Gossip {
  readonly kind: 'gossip';
  readonly from: NodeId;
  readonly items: readonly GossipItem[];
}

export type GossipPacket = Ping | Ack | PingRequest | Nack | Gossip;
