import type { ConditionState } from './condition.ts';

/** Sending and hearing beacons by one method on one interface. */
export interface BeaconMethodStatus {
  readonly method: 'multicast' | 'broadcast';
  readonly interface: string;
  readonly family: 'ipv4' | 'ipv6';
  /** The local address beacons leave from. */
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

/** The socket on which the beacons of one family are heard. */
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

/** What discovery does and has met: for `status`, `nodes --why` and `doctor`. */
export interface DiscoveryStatus {
  readonly seeking: boolean;
  readonly listeners: readonly ListenerStatus[];
  readonly beacons: readonly BeaconMethodStatus[];
  readonly seeds: readonly SeedStatus[];
  readonly remembered: RememberedStatus;
  /** Answers to seeking beacons: sent, and heard on the node port. */
  readonly answers: { readonly sent: number; readonly heard: number };
  /** Datagrams not made use of, by reason. */
  readonly ignored: Readonly<Record<string, number>>;
}
