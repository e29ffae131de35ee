import type { NodeId } from './ids.ts';
import type { ServiceState } from './service-entry.ts';

/** A service as a beacon tells it; the record has the rest. */
export interface BeaconService {
  readonly name: string;
  /** 0 idle, 1 full; `undefined` not known. */
  readonly load: number | undefined;
  readonly state: ServiceState;
}

/** The announcement a node sends to whoever is near. */
export interface Beacon {
  readonly versionOldest: number;
  readonly versionNewest: number;
  readonly node: NodeId;
  readonly incarnation: number;
  /** Grows by one with each beacon of this incarnation [D6]. */
  readonly sequence: number;
  /** A goodbye [B6]. */
  readonly leaving: boolean;
  /** The node knows no other live member and asks for answers [B3]. */
  readonly seeking: boolean;
  /** The node is reached at the datagram's source address and this port [B1]. */
  readonly nodePort: number;
  readonly nodeName: string;
  readonly clusterName: string;
  readonly recordVersion: number;
  readonly hostLoad: number | undefined;
  /** Possibly not all of them [B5]. */
  readonly services: readonly BeaconService[];
}
