import type { DiscoveryView, MethodView, NoticeView } from '../api/views.ts';
import type { DiscoveryStatus, GroupMethodStatus, ListenerStatus, SeedStatus } from '../discovery/discovery-status.ts';
import { type Explanation, explainFailure } from '../discovery/explain-failure.ts';
import type { Member } from '../membership/member.ts';
import { canonicalIp } from '../protocol/ip-address.ts';
import { beaconPort, mdnsPort } from '../protocol/limits.ts';
import { formatHostPort, formatSocketAddress } from '../protocol/socket-address.ts';
import { isPresent } from './node-views.ts';

/** So many sent and none heard of nodes that are there is no chance any more. mDNS says six things before it is silent. */
const silentAfter = { multicast: 4, broadcast: 4, mdns: 6 } as const;

export interface DiscoveryViewSources {
  readonly status: DiscoveryStatus;
  readonly self: Member;
  readonly members: Iterable<Member>;
}

/** How this node looks for others, method by method, with why each fails and what to do about it. */
export function discoveryView({ status, self, members }: DiscoveryViewSources): DiscoveryView {
  const present = [...members].filter((member) => isPresent(member.state));
  const groups = [
    ...status.beacons.map((one) => groupView(one, status.listeners, present)),
    ...(status.mdns?.outlets ?? []).map((one) => groupView(one, status.mdns?.listeners ?? [], present)),
  ];
  const methods = [
    ...groups,
    ...status.seeds.map((seed) => seedView(seed, present)),
    rememberedView(status, present),
    ...(['introduction', 'gossip'] as const).map((method) => learntView(method, present)),
  ];
  return { methods, notices: [...copies(status), ...nameConflicts(self, present), ...otherClusters(status, present)] };
}

function groupView(
  one: GroupMethodStatus,
  listeners: readonly ListenerStatus[],
  present: readonly Member[],
): MethodView {
  const { method, interface: name, family, sent, heard } = one;
  const port = method === 'mdns' ? mdnsPort : beaconPort;
  const listener = listeners.find((each) => each.family === family);
  const isDeaf = listener?.state === 'failing';
  const failed = isDeaf ? listener.lastError : one.lastError;
  const found = countFound(present, (way) => way.method === method && way.interface === name);
  const common = { method, interface: name, at: one.address, sent, heard, found, lastError: failed ?? null };
  if (isDeaf || one.state === 'failing') {
    return { ...common, state: 'failing', ...explainFailure(failed ?? '', { method, interface: name, family, port }) };
  }
  const neighbours = countFound(present, (way) => way.interface === name && way.method !== 'gossip');
  const isSilent = one.state === 'working' && heard === 0 && sent >= silentAfter[method] && neighbours > 0;
  if (!isSilent) return { ...common, state: one.state, why: '', cure: '' };
  return { ...common, state: 'silent', ...explainSilence(one, neighbours, port) };
}

/** Others are on that link, for another way led to them: what is missing was filtered. */
function explainSilence({ method, sent, family }: GroupMethodStatus, neighbours: number, port: number): Explanation {
  const what = method === 'broadcast' ? 'broadcast' : `${family === 'ipv6' ? 'IPv6' : 'IPv4'} multicast`;
  const there = neighbours === 1 ? 'one node is' : `${neighbours} nodes are`;
  return {
    why: `sent ${sent}, heard 0, and ${there} on that link: ${what} may be filtered, by a firewall here or there, by the switch or by Wi-Fi`,
    cure: `let UDP port ${port} in on both; on the switch look for IGMP or MLD snooping without a querier; other methods make up for it`,
  };
}

function seedView(seed: SeedStatus, present: readonly Member[]): MethodView {
  const at = formatHostPort(seed);
  const method = canonicalIp(seed.host) === undefined ? 'dns' : 'seed';
  const found = countFound(present, (way) => way.via === at);
  const common = { method, interface: '', at, sent: seed.tried, heard: seed.reached, found };
  const lastError = seed.lastError ?? null;
  if (seed.state === 'failing') {
    const place = { method, interface: '', family: '', port: 0 } as const;
    return { ...common, state: 'failing', lastError, ...explainFailure(seed.lastError ?? '', place) };
  }
  const missing = seed.addresses.length - seed.reached;
  if (seed.state === 'starting' || missing === 0) return { ...common, state: seed.state, lastError, why: '', cure: '' };
  const state = seed.reached > 0 ? 'working' : 'silent';
  return {
    ...common,
    state,
    lastError,
    why: `nobody of this cluster answers at ${missing} of ${seed.addresses.length} addresses (${seed.addresses.join(' ')})`,
    cure: 'see that a node runs there, with the same cluster and key, and that UDP and TCP of its node port are let in',
  };
}

function rememberedView({ remembered }: DiscoveryStatus, present: readonly Member[]): MethodView {
  const { state, lastError, peers } = remembered;
  const place = { method: 'remembered', interface: '', family: '', port: 0 } as const;
  const { why, cure } = state === 'failing' ? explainFailure(lastError ?? '', place) : { why: '', cure: '' };
  return {
    method: 'remembered',
    interface: '',
    at: `${peers} peers`,
    state,
    sent: null,
    heard: null,
    found: countFound(present, (way) => way.method === 'remembered'),
    lastError: lastError ?? null,
    why,
    cure,
  };
}

/** What others told, or who came of himself. */
function learntView(method: 'introduction' | 'gossip', present: readonly Member[]): MethodView {
  const found = countFound(present, (way) => way.method === method);
  const state = found > 0 ? 'working' : 'idle';
  return { method, interface: '', at: '', state, sent: null, heard: null, found, lastError: null, why: '', cure: '' };
}

function countFound(present: readonly Member[], is: (way: Member['foundBy'][number]) => boolean): number {
  return present.filter((member) => member.foundBy.some(is)).length;
}

function copies({ copies: known }: DiscoveryStatus): NoticeView[] {
  return known.map(({ name, addresses }) => ({
    kind: 'copied-id',
    text: `the node "${name}" at ${addresses.join(' and ')} has the id of this one: its data directory is a copy`,
    cure: 'stop one of them, delete the file "identity" in its data directory, and start it again',
  }));
}

/** Every name that several have, this node's own or not: each of them sees it. */
function nameConflicts(self: Member, present: readonly Member[]): NoticeView[] {
  const byName = new Map<string, Member[]>();
  for (const member of [self, ...present]) byName.set(member.name, [...(byName.get(member.name) ?? []), member]);
  return [...byName].flatMap(([name, all]) => {
    if (all.length < 2) return [];
    const places = all.map((one) => `${one.id} at ${formatSocketAddress(one.reachedAt)}`);
    const text = `${all.length} nodes have the name "${name}": ${places.join(', ')}`;
    return [
      {
        kind: 'name-conflict',
        text,
        cure: 'give each a name of its own (--name): addresses such as crm@NAME mean only one',
      },
    ];
  });
}

function otherClusters({ ignored }: DiscoveryStatus, present: readonly Member[]): NoticeView[] {
  const count = ignored['other-cluster'] ?? 0;
  if (count === 0 || present.length > 0) return [];
  return [
    {
      kind: 'other-cluster',
      text: `${count} beacons of other clusters were heard, and none of this one`,
      cure: 'if they were meant to be together, give all the same --cluster',
    },
  ];
}
