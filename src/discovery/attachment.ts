import type { NetworkInterface } from '../runtime/interfaces.ts';
import { broadcastAddress, isLinkLocalIpv6 } from './subnet.ts';

/** Attachments in use at once: a host with hundreds of container bridges must not have hundreds of sockets. */
export const attachmentsMax = 64;

/** A place from which beacons are sent: an IPv4 address of an interface, or the IPv6 side of an interface. */
export interface Attachment {
  /** Tells attachments apart; stays the same while nothing of it changes. */
  readonly key: string;
  readonly interface: string;
  readonly family: 'ipv4' | 'ipv6';
  /** Local address senders bind, with scope where it needs one. */
  readonly address: string;
  /** How the interface is named to multicast: its IPv4 address, or `::%eth0`. */
  readonly multicastInterface: string;
  /** The subnet's broadcast address, where there is one. */
  readonly broadcast: string | undefined;
  readonly internal: boolean;
}

/**
 * What takes part, real interfaces first: then the copy of a beacon that went over one is heard before the one over
 * loopback. In scope `loopback` only loopback interfaces do [P4]; in scope `open` loopback does too, so that agents of one
 * host find each other without any network.
 */
export function selectAttachments(
  interfaces: readonly NetworkInterface[],
  scope: 'loopback' | 'open',
): readonly Attachment[] {
  const chosen = new Map<string, Attachment>();
  for (const entry of interfaces) {
    if (scope === 'loopback' && !entry.internal) continue;
    const attachment = entry.family === 'ipv4' ? ipv4Attachment(entry) : ipv6Attachment(entry);
    const slot = entry.family === 'ipv4' ? attachment.key : entry.name;
    const previous = chosen.get(slot);
    // One sender serves the IPv6 side of an interface. Link-local is what every neighbour can answer.
    const better = previous === undefined || (isLinkLocalIpv6(entry.address) && !isLinkLocalIpv6(previous.address));
    if (better) chosen.set(slot, attachment);
  }
  const all = [...chosen.values()];
  return [...all.filter((one) => !one.internal), ...all.filter((one) => one.internal)].slice(0, attachmentsMax);
}

function ipv4Attachment(entry: NetworkInterface): Attachment {
  return {
    key: `${entry.name} ${entry.address}/${entry.prefixLength}`,
    interface: entry.name,
    family: 'ipv4',
    address: entry.address,
    multicastInterface: entry.address,
    broadcast: broadcastAddress(entry.address, entry.prefixLength),
    internal: entry.internal,
  };
}

function ipv6Attachment(entry: NetworkInterface): Attachment {
  const linkLocal = isLinkLocalIpv6(entry.address);
  return {
    key: `${entry.name} ${entry.address}`,
    interface: entry.name,
    family: 'ipv6',
    address: linkLocal ? `${entry.address}%${entry.name}` : entry.address,
    multicastInterface: `::%${entry.name}`,
    broadcast: undefined,
    internal: entry.internal,
  };
}
