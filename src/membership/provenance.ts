/** How a peer can be found. */
export type DiscoveryMethod =
  | 'multicast'
  | 'broadcast'
  | 'mdns'
  | 'seed'
  | 'dns'
  | 'remembered'
  | 'introduction'
  | 'gossip';

/** One way in which a peer was found. A peer found in several ways has several. */
export interface Provenance {
  readonly method: DiscoveryMethod;
  /** Name of the interface it was heard on, `` when the method knows none. */
  readonly interface: string;
  /** What led there: the seed as it was given, the name that was looked up, the id of who introduced it; `` for nothing. */
  readonly via: string;
  /** Monotonic milliseconds when it was first found that way. */
  readonly at: number;
}
