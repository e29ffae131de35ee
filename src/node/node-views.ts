import type { InstanceView, NodesView, NodeView, PartitionView, Posture, ServicesView } from '../api/views.ts';
import type { Directory } from '../directory/directory.ts';
import type { LoadTable } from '../directory/load-table.ts';
import type { Member } from '../membership/member.ts';
import type { Membership } from '../membership/membership.ts';
import type { Observation } from '../membership/observation.ts';
import type { Partition } from '../membership/partition.ts';
import type { Provenance } from '../membership/provenance.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { ServiceEntry } from '../protocol/service-entry.ts';
import { formatSocketAddress } from '../protocol/socket-address.ts';
import type { Clock } from '../runtime/clock.ts';
import { createIsoTimes } from './iso-times.ts';
import { reachEndpoint } from './reach-endpoint.ts';

export interface NodeViewsOptions {
  readonly clock: Clock;
  readonly self: NodeId;
  readonly cluster: string;
  readonly posture: Posture;
  readonly membership: Membership;
  readonly directory: Directory;
  readonly loads: LoadTable;
  readonly isSameHost: (member: Member) => boolean;
}

/** Members and instances as people and programs are shown them. */
export interface NodeViews {
  node(member: Member): NodeView;
  partition(partition: Partition): PartitionView;
  instance(node: NodeId, service: string, entry: ServiceEntry): InstanceView;
  nodes(): NodesView;
  services(): ServicesView;
}

/** [R4] Only of these does a record count. */
export function isPresent(state: Member['state']): boolean {
  return state !== 'dead' && state !== 'left';
}

export function createNodeViews(options: NodeViewsOptions): NodeViews {
  const { clock, self, membership, directory, loads } = options;
  const isoTime = createIsoTimes(clock);

  function memberOf(id: NodeId): Member | undefined {
    return id === self ? membership.self() : membership.get(id);
  }

  /** Who introduced it is known by id here, and by name to people. */
  function foundBy({ method, interface: name, via, at }: Provenance): NodeView['foundBy'][number] {
    const source = method === 'gossip' ? (membership.nameOf(via as NodeId) ?? via) : via;
    return { method, interface: name, via: source, since: isoTime(at) };
  }

  function observation({ fact, by, at }: Observation): NonNullable<NodeView['observations']>[number] {
    return { what: fact, by: membership.nameOf(by) ?? by, at: isoTime(at) };
  }

  function partition({ since, there }: Partition): PartitionView {
    const { alive, degraded, suspect } = membership.counts();
    const names = there.map((id) => membership.nameOf(id) ?? id);
    return { since: isoTime(since), here: 1 + alive + degraded + suspect, there: names };
  }

  function node(member: Member): NodeView {
    const record = directory.get(member.id);
    const view = {
      id: member.id,
      name: member.name,
      state: member.state,
      address: formatSocketAddress(member.reachedAt),
      rttMs: rounded(member.rttMs),
      services: record === undefined || !isPresent(member.state) ? [] : record.services.map((entry) => entry.name),
      load: rounded(loads.report(member.id)?.hostLoad),
      since: isoTime(member.since),
      foundBy: member.foundBy.map(foundBy),
      observations: member.observations.map(observation),
    };
    return member.unstable ? { ...view, unstable: true } : view;
  }

  function instance(id: NodeId, service: string, entry: ServiceEntry): InstanceView {
    const member = memberOf(id);
    const worse = member?.state === 'degraded' || member?.state === 'suspect' ? member.state : undefined;
    const isHere = member !== undefined && (id === self || options.isSameHost(member));
    const [where] = member === undefined ? [] : reachEndpoint(entry.endpoint, member, isHere);
    return {
      node: member?.name ?? id,
      state: (entry.state === 'up' || entry.state === 'warning') && worse !== undefined ? worse : entry.state,
      load: rounded(loads.get(id, service, clock.now())?.load),
      weight: entry.weight,
      labels: entry.labels,
      endpoint: where === undefined ? null : formatSocketAddress(where),
    };
  }

  function instancesOf(service: string): InstanceView[] {
    const views: InstanceView[] = [];
    for (const { node: id, entry } of directory.lookup(service)) {
      const member = memberOf(id);
      if (member !== undefined && isPresent(member.state)) views.push(instance(id, service, entry));
    }
    return views.sort((a, b) => (a.node < b.node ? -1 : 1));
  }

  return {
    node,
    partition,
    instance,
    nodes() {
      const members = [membership.self(), ...membership.members()];
      const nodes = members.map(node).sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
      return { cluster: options.cluster, self, posture: options.posture, nodes };
    },
    services() {
      const names = directory.services();
      const services = names.map((name) => ({ name, instances: instancesOf(name) }));
      return { services: services.filter(({ instances }) => instances.length > 0) };
    },
  };
}

/** To a thousandth: what is beyond is noise. */
function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value * 1_000) / 1_000;
}
