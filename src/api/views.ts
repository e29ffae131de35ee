import type { MemberState } from '../protocol/member-update.ts';
import type { ServiceState } from '../protocol/service-entry.ts';

/**
 * How protected a node is. `loopback`: no key, this host only. `open`: no key, unsealed on the LAN: everybody there can read and
 * forge. `sealed`: only who has the cluster's key takes part.
 */
export type Posture = 'loopback' | 'open' | 'sealed';

/** `fogata nodes --json`. */
export interface NodesView {
  readonly cluster: string;
  /** Id of the node that answers. */
  readonly self: string;
  readonly posture: Posture;
  readonly nodes: readonly NodeView[];
  /** Partitions that are not healed; an agent of an earlier version does not say. */
  readonly partitions?: readonly PartitionView[];
  /** How this node looks for others; an agent of an earlier version does not say. */
  readonly discovery?: DiscoveryView;
  /** How soon silence is noticed here; an agent of an earlier version does not say. */
  readonly detection?: DetectionView;
}

/** How soon a host that falls silent is called dead: as a rule, with the nodes and the round trips there are now. */
export interface DetectionView {
  /** Milliseconds that were asked for; null: none, the profile's are taken. */
  readonly askedMs: number | null;
  readonly withinMs: number;
  /** For people: why it takes longer than was asked for; `` where it does not. */
  readonly why: string;
}

/** What each way of looking does here, and what is odd. */
export interface DiscoveryView {
  readonly methods: readonly MethodView[];
  readonly notices: readonly NoticeView[];
}

/** One method, on one interface where it has them. */
export interface MethodView {
  readonly method: string;
  /** `` where the method has none. */
  readonly interface: string;
  /** The address it speaks from, or the seed as it was given. */
  readonly at: string;
  /** `silent`: all is sent, and nothing is heard from nodes that are there. `idle`: nobody has been looked for that way. */
  readonly state: 'starting' | 'working' | 'silent' | 'idle' | 'failing';
  /** Null where the method sends nothing of its own. */
  readonly sent: number | null;
  readonly heard: number | null;
  /** Nodes present that were found this way, first or also. */
  readonly found: number;
  readonly lastError: string | null;
  /** For people: why it fails here, and what to do; `` for nothing. */
  readonly why: string;
  readonly cure: string;
}

/** Something an operator should know of. */
export interface NoticeView {
  readonly kind: 'copied-id' | 'name-conflict' | 'other-cluster';
  readonly text: string;
  readonly cure: string;
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
  /** Of its host, 0 to 1, as it last told; null where it did not. Only who serves something does. */
  readonly load?: number | null;
  /** ISO 8601 time of the last change of state. */
  readonly since: string;
  /** In the order of time: the first is how it became known here. */
  readonly foundBy: readonly FoundByView[];
  /** It came and went again and again: shown as degraded until it has been steady for a while. */
  readonly unstable?: boolean;
  /** What was noticed of it, oldest first; an agent of an earlier version does not say. */
  readonly observations?: readonly ObservationView[];
}

/** One thing that was noticed of a node. */
export interface ObservationView {
  /** `answered`, `refuted`, `link-lost`, `no-answer`, `refused`, `handshake-only`, `stalled`, `called-dead`, … */
  readonly what: string;
  /** Name of the node that noticed it. */
  readonly by: string;
  readonly at: string;
}

/** The cluster in two, as one side sees it: those who fell silent together. */
export interface PartitionView {
  readonly since: string;
  /** Live nodes on the side of the node that answers, itself included. */
  readonly here: number;
  /** Names of those on the other side. */
  readonly there: readonly string[];
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
  /** Where programs of the answering node's host reach it past the agents, `192.0.2.5:8080`; null: nowhere. */
  readonly endpoint?: string | null;
}
