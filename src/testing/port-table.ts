import { type HostState, ownsAddress } from './topology.ts';

/** Linux's usual range of ports that it chooses itself. */
const ephemeralPortMin = 32_768;
const ephemeralPortMax = 60_999;

/** Something bound to an address and a port of a host. */
export interface Bound {
  readonly address: string;
  readonly shared: boolean;
}

const nobody: readonly never[] = [];

/** Who holds which port of one host, for one transport. */
export interface PortTable<Holder extends Bound> {
  /** In order of binding. The list stays as it is when the holders change. */
  at(port: number): readonly Holder[];
  /** The port to bind: the one asked for, or with 0 one that is free. */
  choose(port: number): number;
  /** The code of the system's error when `wanted` may not have the port. */
  refusal(host: HostState, wanted: Bound, port: number): string | undefined;
  add(port: number, holder: Holder): void;
  remove(port: number, holder: Holder): void;
}

export function createPortTable<Holder extends Bound>(): PortTable<Holder> {
  const holders = new Map<number, readonly Holder[]>();
  let lastChosen = ephemeralPortMin;

  return {
    at: (port) => holders.get(port) ?? nobody,
    choose(port) {
      if (port !== 0) return port;
      do {
        lastChosen = lastChosen >= ephemeralPortMax ? ephemeralPortMin : lastChosen + 1;
      } while (holders.has(lastChosen));
      return lastChosen;
    },
    refusal(host, wanted, port) {
      if (!(port >= 1 && port <= 65_535)) return 'ERR_SOCKET_BAD_PORT';
      if (!isWildcard(wanted.address) && !ownsAddress(host, wanted.address)) return 'EADDRNOTAVAIL';
      const clash = holders.get(port)?.some((one) => overlaps(one, wanted) && !(one.shared && wanted.shared));
      return clash === true ? 'EADDRINUSE' : undefined;
    },
    add(port, holder) {
      const list = holders.get(port);
      holders.set(port, list === undefined ? [holder] : [...list, holder]);
    },
    remove(port, holder) {
      const rest = holders.get(port)?.filter((one) => one !== holder) ?? [];
      if (rest.length === 0) holders.delete(port);
      else holders.set(port, rest);
    },
  };
}

export function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

/** `::` is bound for IPv6 only, so the families never meet. */
function overlaps(a: Bound, b: Bound): boolean {
  if (a.address.includes(':') !== b.address.includes(':')) return false;
  return isWildcard(a.address) || isWildcard(b.address) || a.address === b.address;
}

/** Of those that hold a port the one that gets what is sent to `address`: the exact one before the wildcard, the latest first. */
export function receiverOf<Holder extends Bound>(holders: readonly Holder[], address: string): Holder | undefined {
  if (holders.length === 0) return undefined;
  const bare = withoutScope(address);
  const ipv6 = bare.includes(':');
  let found: Holder | undefined;
  for (const holder of holders) {
    const fits = isWildcard(holder.address) && (holder.address === '::') === ipv6;
    if (fits && (found === undefined || isWildcard(found.address))) found = holder;
    else if (!fits && withoutScope(holder.address) === bare) found = holder;
  }
  return found;
}

/** `fe80::1%eth0` is `fe80::1`. */
function withoutScope(address: string): string {
  const percent = address.indexOf('%');
  return percent < 0 ? address : address.slice(0, percent);
}
