import { toNextSecond } from '../discovery/to-next-second.ts';
import type { Member } from '../membership/member.ts';
import { canonicalIp, withoutScope } from '../protocol/ip-address.ts';
import { formatSocketAddress, type SocketAddress } from '../protocol/socket-address.ts';
import type { Timer } from '../runtime/clock.ts';
import type { NetworkInterface } from '../runtime/interfaces.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { bestAddress, type Net, netsOf } from './best-address.ts';
import type { AdvertisedAddress } from './node-options.ts';
import { ownAddresses } from './own-addresses.ts';

/** Follows this host's addresses. */
export interface AddressWatch {
  readonly addresses: readonly SocketAddress[];
  /** Where this node is for programs of its own host. */
  readonly home: SocketAddress;
  /** The member is reached at an address of this host. */
  isSameHost(member: Member): boolean;
  /** An address and port of this node itself. */
  isOwn(where: SocketAddress): boolean;
  /** Of somebody's addresses the likeliest to lead there from here. */
  bestOf(addresses: readonly SocketAddress[]): SocketAddress | undefined;
  start(onChange: (addresses: readonly SocketAddress[]) => void): void;
  stop(): void;
}

/** How often names that stand for this node are looked up again. */
const resolveIntervalMs = 30_000;

export function createAddressWatch(
  runtime: Runtime,
  scope: 'loopback' | 'open',
  port: number,
  advertise: readonly AdvertisedAddress[] = [],
): AddressWatch {
  const timers: { look: Timer | undefined; resolve: Timer | undefined } = { look: undefined, resolve: undefined };
  const resolved = new Map<AdvertisedAddress, readonly SocketAddress[]>();
  let interfaces: readonly NetworkInterface[] = [];
  /** Made of these when it is asked for: texts of addresses are read once for all members that come. */
  let nets: readonly Net[] | undefined;
  let local = new Set<string>();
  let addresses: readonly SocketAddress[] = [];

  /** What is not a name needs no looking up. */
  for (const given of advertise) {
    const address = canonicalIp(given.host);
    if (address !== undefined) resolved.set(given, [{ address, port: given.port ?? port }]);
  }

  function look(): boolean {
    interfaces = runtime.interfaces.list();
    nets = undefined;
    local = new Set(interfaces.map((entry) => entry.address));
    const advertised = advertise.flatMap((given) => resolved.get(given) ?? []);
    const next = ownAddresses(interfaces, scope, port, advertised);
    const same = next.map(formatSocketAddress).join() === addresses.map(formatSocketAddress).join();
    addresses = next;
    return !same;
  }

  async function resolve(given: AdvertisedAddress): Promise<void> {
    try {
      const found = await runtime.resolver.resolve(given.host);
      const before = resolved.get(given) ?? [];
      // Name servers tell them in another order each time, and every change here costs all others an update.
      if (isSameSet(before, found)) return;
      resolved.set(
        given,
        found.map((address) => ({ address, port: given.port ?? port })),
      );
    } catch (error) {
      // What it was known as before stays true as far as anybody knows.
      if (!resolved.has(given)) runtime.log.warn('an advertised name cannot be resolved', { name: given.host, error });
    }
  }

  look();
  return {
    get addresses() {
      return addresses;
    },
    home: { address: '127.0.0.1', port },
    isSameHost: (member) => local.has(withoutScope(member.reachedAt.address)),
    isOwn(where) {
      if (where.port === port && local.has(withoutScope(where.address))) return true;
      return addresses.some((own) => own.address === where.address && own.port === where.port);
    },
    bestOf(given) {
      if (given.length < 2) return given[0];
      nets ??= netsOf(interfaces);
      return bestAddress(nets, given);
    },
    start(onChange) {
      const names = advertise.filter(({ host }) => canonicalIp(host) === undefined);
      const { clock } = runtime;
      // Interfaces come and go seldom; a second is soon enough for what is only told to others.
      const plan = () => {
        timers.look = clock.schedule(toNextSecond(clock.now()), watch);
      };
      const watch = () => {
        plan();
        if (look()) onChange(addresses);
      };
      const resolveAll = () => {
        for (const name of names) void resolve(name);
        timers.resolve = runtime.clock.schedule(resolveIntervalMs, resolveAll);
      };
      if (names.length > 0) resolveAll();
      plan();
    },
    stop() {
      timers.look?.cancel();
      timers.resolve?.cancel();
    },
  };
}

function isSameSet(known: readonly SocketAddress[], found: readonly string[]): boolean {
  return known.length === found.length && known.every(({ address }) => found.includes(address));
}
