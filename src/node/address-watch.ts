import type { SocketAddress } from '../protocol/socket-address.ts';
import type { Member } from '../membership/member.ts';
import type { Timer } from '../runtime/clock.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { ownAddresses } from './own-addresses.ts';

/** Follows this host's addresses. */
export interface AddressWatch {
  readonly addresses: readonly SocketAddress[];
  /** The member is reached at an address of this host. */
  isSameHost(member: Member): boolean;
  /** An address and port of this node itself. */
  isOwn(where: SocketAddress): boolean;
  start(onChange: (addresses: readonly SocketAddress[]) => void): void;
  stop(): void;
}

/** Interfaces come and go seldom; a second is soon enough for what is only told to others. */
const lookIntervalMs = 1_000;

export function createAddressWatch(runtime: Runtime, scope: 'loopback' | 'open', port: number): AddressWatch {
  let timer: Timer | undefined;
  let local = new Set<string>();
  let addresses: readonly SocketAddress[] = [];

  function look(): boolean {
    const interfaces = runtime.interfaces.list();
    local = new Set(interfaces.map((entry) => entry.address));
    const next = ownAddresses(interfaces, scope, port);
    const same = next.length === addresses.length && next.every((entry, i) => entry.address === addresses[i]?.address);
    addresses = next;
    return !same;
  }

  look();
  return {
    get addresses() {
      return addresses;
    },
    isSameHost: (member) => local.has(withoutScope(member.reachedAt.address)),
    isOwn: (where) => where.port === port && local.has(withoutScope(where.address)),
    start(onChange) {
      const watch = () => {
        if (look()) onChange(addresses);
        timer = runtime.clock.schedule(lookIntervalMs, watch);
      };
      timer = runtime.clock.schedule(lookIntervalMs, watch);
    },
    stop() {
      timer?.cancel();
    },
  };
}

function withoutScope(address: string): string {
  const at = address.indexOf('%');
  return at < 0 ? address : address.slice(0, at);
}
