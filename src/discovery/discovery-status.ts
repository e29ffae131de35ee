import type { ConditionState } from './condition.ts';
import type { GroupMethod } from './group-outlet.ts';
import type { Copy } from './own-id-elsewhere.ts';

/** Sending to all and hearing, by one method on one interface. */
export interface GroupMethodStatus {
  readonly method: GroupMethod;
  readonly interface: string;
  readonly family: 'ipv4' | 'ipv6';
  /** The local address from which it is sent. */
  readonly address: string;
  /** A loopback interface: its failures matter to nobody on other hosts. */
  readonly internal: boolean;
  readonly state: ConditionState;
  readonly sent: number;
  /** Copies heard that way from others of the cluster, repeats included. */
  readonly heard: number;
  /** The last failure, also after it was overcome. */
  readonly lastError: string | undefined;
  /** Monotonic milliseconds of the last change of `state`. */
  readonly since: number;
}

/** Somebody whom mDNS names as a node. */
export interface MdnsInstanceStatus {
  readonly instance: string;
  readonly interface: string;
  /** Where its node port is said to be. */
  readonly addresses: readonly string[];
  /** `unknown`: it does not say. Those of others are left alone. */
  readonly cluster: 'same' | 'other' | 'unknown';
}

export interface MdnsStatus {
  /** What this node is called there; another than usual when somebody else had that name. */
  readonly instance: string;
  readonly listeners: readonly ListenerStatus[];
  readonly outlets: readonly GroupMethodStatus[];
  readonly found: readonly MdnsInstanceStatus[];
}

/** The socket on which what is said to all is heard, of one family. */
export interface ListenerStatus {
  readonly family: 'ipv4' | 'ipv6';
  readonly state: ConditionState;
  readonly lastError: string | undefined;
  readonly since: number;
}

export interface SeedStatus {
  readonly host: string;
  readonly port: number;
  /** What the name last resolved to, ports included: SRV records have their own. */
  readonly addresses: readonly string[];
  /** At how many of them a live member, or this node, is. */
  readonly reached: number;
  /** How often somebody was looked for there. */
  readonly tried: number;
  /** Whether the name resolves. */
  readonly state: ConditionState;
  readonly lastError: string | undefined;
  readonly since: number;
}

export interface RememberedStatus {
  readonly peers: number;
  /** Whether they can be read and written. */
  readonly state: ConditionState;
  readonly lastError: string | undefined;
  readonly since: number;
}

/** What discovery does and has met: for `status` and `nodes --why`. */
export interface DiscoveryStatus {
  readonly seeking: boolean;
  readonly listeners: readonly ListenerStatus[];
  readonly beacons: readonly GroupMethodStatus[];
  readonly seeds: readonly SeedStatus[];
  readonly remembered: RememberedStatus;
  /** `undefined` where it is off. */
  readonly mdns: MdnsStatus | undefined;
  /** Answers to seeking beacons: sent, and heard on the node port. */
  readonly answers: { readonly sent: number; readonly heard: number };
  /** Other nodes that have this node's id. */
  readonly copies: readonly Copy[];
  /** Datagrams not made use of, by reason. */
  readonly ignored: Readonly<Record<string, number>>;
}
