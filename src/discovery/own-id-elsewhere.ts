import type { Beacon } from '../protocol/beacon.ts';
import { formatSocketAddress, type SocketAddress } from '../protocol/socket-address.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';

/** Another node with this node's id. */
export interface Copy {
  readonly name: string;
  readonly addresses: readonly string[];
  /** Monotonic milliseconds. */
  readonly firstAt: number;
  readonly lastAt: number;
}

/** One beacon may be this node's own from before it was restarted or raised its incarnation; two that far apart are not. */
const apartMs = 1_000;

/** Copies that are told apart, and addresses kept of each: one disk is not copied more often. */
const copiesMax = 16;

/** Notices when another node has the id of this one: a virtual machine or a data directory was copied. */
export interface OwnIdElsewhere {
  note(beacon: Beacon, from: SocketAddress): void;
  copies(): readonly Copy[];
}

export function createOwnIdElsewhere(clock: Clock, log: Log): OwnIdElsewhere {
  const seen = new Map<string, Copy>();
  const certain = () => [...seen.values()].filter(({ firstAt, lastAt }) => lastAt - firstAt >= apartMs);
  let told = false;

  return {
    note({ leaving, node, nodeName: name, nodePort: port }, from) {
      const key = `${name} ${port}`;
      const before = seen.get(key);
      if (leaving || (before === undefined && seen.size >= copiesMax)) return;
      const now = clock.now();
      const address = formatSocketAddress({ address: from.address, port });
      const addresses = [...new Set([...(before?.addresses ?? []), address])].slice(0, copiesMax);
      seen.set(key, { name, addresses, firstAt: before?.firstAt ?? now, lastAt: now });
      if (told || certain().length === 0) return;
      told = true;
      const text = 'another node has the id of this one: stop one of them and delete "identity" in its data directory';
      log.warn(text, { node, name, addresses });
    },
    copies: certain,
  };
}
