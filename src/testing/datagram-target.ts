import { type HostState, hasFamily, type InterfaceState, type Path, type Topology } from './topology.ts';

/** Where a datagram goes: along one route, or to a group on one interface's segment. */
export type DatagramTarget =
  | { readonly kind: 'one'; readonly from: InterfaceState; readonly to: InterfaceState | undefined }
  | { readonly kind: 'many'; readonly from: InterfaceState; readonly group: string };

/** All that are on the segment, without joining. */
export const broadcastGroup = 'broadcast';

export interface SenderSettings {
  readonly host: HostState;
  readonly localAddress: string;
  readonly broadcast: boolean;
  readonly multicastInterface: string | undefined;
}

/** Returns a system error's code when the kernel would refuse. */
export function findTarget(topology: Topology, sender: SenderSettings, address: string): DatagramTarget | string {
  const { host } = sender;
  if (isMulticast(address)) {
    const [group = address, scope] = address.split('%');
    const from = findInterface(host, scope === undefined ? sender.multicastInterface : `%${scope}`);
    return from === undefined || !hasFamily(from, address.includes(':'))
      ? 'ENETUNREACH'
      : { kind: 'many', from, group };
  }
  const broadcastFrom = host.interfaces.find((one) => one.up && isBroadcastOf(one, address));
  if (broadcastFrom !== undefined) {
    return sender.broadcast ? { kind: 'many', from: broadcastFrom, group: broadcastGroup } : 'EACCES';
  }
  const route = topology.route(host, address);
  if (route === undefined) return 'ENETUNREACH';
  const isLoopbackBound = sender.localAddress.startsWith('127.') || sender.localAddress === '::1';
  if (isLoopbackBound && route.to?.host !== host) return 'EINVAL';
  return { kind: 'one', ...route };
}

/** Those a datagram to many may reach, the sender's own host among them; on loopback only that one. */
export function pathsToMany(from: InterfaceState, ipv6: boolean): Path[] {
  const { segment } = from;
  if (segment === undefined || !segment.multicast) return [{ from, to: from }];
  return segment.interfaces.filter((to) => hasFamily(to, ipv6)).map((to) => ({ from, to }));
}

/** By address (`10.1.0.1`) or by scope (`::%eth0`); only one that is up. */
export function findInterface(host: HostState, address: string | undefined): InterfaceState | undefined {
  if (address === undefined) return undefined;
  const percent = address.indexOf('%');
  const scope = percent < 0 ? undefined : address.slice(percent + 1);
  return host.interfaces.find((one) => one.up && (scope === undefined ? one.ipv4 === address : one.name === scope));
}

function isMulticast(address: string): boolean {
  if (address.includes(':')) return address.startsWith('ff');
  const first = Number.parseInt(address, 10);
  return first >= 224 && first <= 239;
}

/** The limited broadcast leaves by the first interface, as it follows the default route of most hosts. */
function isBroadcastOf(one: InterfaceState, address: string): boolean {
  return (
    one.ipv4 !== '' &&
    one.segment !== undefined &&
    (address === '255.255.255.255' || address === one.segment.broadcastAddress)
  );
}
