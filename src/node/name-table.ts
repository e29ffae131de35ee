import type { InstanceView } from '../api/views.ts';
import type { Directory } from '../directory/directory.ts';
import type { Member } from '../membership/member.ts';
import type { Membership } from '../membership/membership.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { ServiceEntry } from '../protocol/service-entry.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Candidate } from '../selection/candidate.ts';
import { type Tier, tierOf } from '../selection/tier.ts';
import { isPresent } from './node-views.ts';
import { hostAddresses, reachEndpoint } from './reach-endpoint.ts';

/** An instance, and how a program of this host gets there by itself. */
export interface InstancePlace {
  readonly view: InstanceView;
  /** By what it says and what this node has met with there, as for calls. */
  readonly tier: Tier;
  /** On this host. */
  readonly isHere: boolean;
  /** The agents carry HTTP to it. */
  readonly http: boolean;
  /** Where it listens for who connects past the agents; none: only through them. At most one of each family. */
  readonly direct: readonly SocketAddress[];
}

/** What stands behind names, for who looks them up as host names. */
export interface NameTable {
  /** Best first, in whatever state, but on no node that is dead or gone. Empty for a service that nobody has. */
  places(service: string): readonly InstancePlace[];
  /** Addresses of a node, at most one of each family, the one that it answered at first; undefined: there is none of that name. */
  node(name: string): readonly string[] | undefined;
  services(): readonly string[];
  nodes(): readonly string[];
}

export interface NameTableOptions {
  readonly self: NodeId;
  readonly membership: Membership;
  readonly directory: Directory;
  readonly isSameHost: (member: Member) => boolean;
  readonly clock: Clock;
  readonly ranked: (service: string) => readonly Candidate[];
  readonly view: (node: NodeId, service: string, entry: ServiceEntry) => InstanceView;
}

export function createNameTable(options: NameTableOptions): NameTable {
  const { self, membership, directory } = options;

  function isHere(member: Member): boolean {
    return member.id === self || options.isSameHost(member);
  }

  function present(): Member[] {
    return [membership.self(), ...membership.members()].filter(({ state }) => isPresent(state));
  }

  return {
    places(service) {
      const now = options.clock.now();
      return options.ranked(service).flatMap((candidate) => {
        const { node, entry } = candidate;
        const member = node === self ? membership.self() : membership.get(node);
        if (member === undefined) return [];
        const here = isHere(member);
        const direct = reachEndpoint(entry.endpoint, member, here);
        const view = options.view(node, service, entry);
        return [{ view, tier: tierOf(candidate, now), isHere: here, http: entry.kinds.http, direct }];
      });
    },
    node(name) {
      const member = present().find((one) => one.name === name);
      return member === undefined ? undefined : hostAddresses(member);
    },
    services: () => directory.services(),
    nodes: () => present().map(({ name }) => name),
  };
}
