import type { OwnMethod } from '../discovery/discovery.ts';
import type { TimingProfile } from '../membership/timing.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { HostPort } from '../protocol/socket-address.ts';
import type { KeyRing } from '../trust/key-ring.ts';

/** An address by which others reach this node although it does not know it, as behind a container's translation. */
export interface AdvertisedAddress {
  readonly host: string;
  /** `undefined`: the node port. */
  readonly port: number | undefined;
}

/** What distinguishes one node from another; all else is protocol. */
export interface NodeOptions {
  /** Default: the host's name. Shown to people; `crm@NAME`. */
  readonly name: string;
  /** Nodes of other clusters are not heard. */
  readonly cluster: string;
  /** Undefined: a stored one, or a new one. */
  readonly id: NodeId | undefined;
  /** The cluster's keys: with them the node speaks on the LAN, sealed. Its cluster is that of `cluster`. */
  readonly keyRing?: KeyRing | undefined;
  /** Without a key: speak unsealed on the LAN; else loopback only. */
  readonly open: boolean;
  /** First node port to try; the next 99 follow. */
  readonly port: number;
  /** UDP port of beacons; the same in the whole cluster. */
  readonly beaconPort: number;
  readonly seeds: readonly HostPort[];
  /** Told to others before this host's own addresses. Default: none. */
  readonly advertise?: readonly AdvertisedAddress[];
  readonly timing: TimingProfile;
  /** A silent host is to be dead for all within this; timers follow from it and from what is measured. Default: the profile's own. */
  readonly detectWithinMs?: number | undefined;
  /** Ways of looking for others. Default: all. */
  readonly methods?: ReadonlySet<OwnMethod>;
}
