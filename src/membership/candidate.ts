import type { Beacon } from '../protocol/beacon.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import type { Provenance } from './provenance.ts';

/** Somebody who may be there: what a finder yields. Nothing in it is trusted until it has answered. */
export interface Candidate {
  /** Where its node port is said to be. */
  readonly address: SocketAddress;
  readonly provenance: Provenance;
  /** What it said of itself; `undefined` when only an address is known (seed, remembered). */
  readonly beacon: Beacon | undefined;
  /** How long the beacon was: until it has answered it is sent nothing longer [D3]. 0 when only an address is known. */
  readonly beaconBytes: number;
}
