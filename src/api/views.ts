import type { MemberState } from '../protocol/member-update.ts';
import type { ServiceState } from '../protocol/service-entry.ts';

/** `fogata nodes --json`. */
export interface NodesView {
  readonly cluster: string;
  /** Id of the node that answers. */
  readonly self: string;
  /** `loopback`: no key, this host only. `open`: no key, unsealed on the LAN: everybody there can read and forge. */
  readonly posture: 'loopback' | 'open';
  readonly nodes: readonly NodeView[];
}

export interface NodeView {
  readonly id: string;
  readonly name: string;
  readonly state: MemberState;
  /** Where it is reached, `192.0.2.1:7472`. */
  readonly address: string;
  /** Smoothed round trip; null before the first, and for the node itself. */
  readonly rttMs: number | null;
  readonly services: readonly string[];
  /** ISO 8601 time of the last change of state. */
  readonly since: string;
  /** In the order of time: the first is how it became known here. */
  readonly foundBy: readonly FoundByView[];
}

/** One way in which a node was found. */
export interface FoundByView {
  readonly method: string;
  /** Where it was heard, `` when the method has none. */
  readonly interface: string;
  /** The seed or name that led there, or the node that told of it; `` for nothing. */
  readonly via: string;
  readonly since: string;
}

/** `fogata services --json`. */
export interface ServicesView {
  readonly services: readonly ServiceView[];
}

export interface ServiceView {
  readonly name: string;
  readonly instances: readonly InstanceView[];
}

export interface InstanceView {
  /** Name of its node. */
  readonly node: string;
  /** Its own state, or its node's where that is worse. */
  readonly state: ServiceState | 'degraded' | 'suspect';
  /** 0 to 1; null when it publishes none. */
  readonly load: number | null;
  readonly weight: number;
  readonly labels: Readonly<Record<string, string>>;
}
