import { runTool } from './run-tool.ts';

/** Seen from the host: `in` is what it would receive, `out` what it sends. */
export type Direction = 'in' | 'out';
const bothWays: readonly Direction[] = ['in', 'out'];

/**
 * What lies between a host and the others. Frames are dropped on the receiving side of either end, so that the sender
 * notices nothing, as with a cut somewhere on the way. Each fault takes the place of the one before.
 */
export interface Cable {
  /** Nothing passes any more, but for ARP. */
  cut(directions?: readonly Direction[]): void;
  /** Of all packets, so many of a hundred are lost in each direction. */
  lose(percent: number): void;
  /** Multicast and broadcast do not pass. */
  blockGroups(directions?: readonly Direction[]): void;
  heal(): void;
  /** As pulling the plug: the host sees its carrier gone. */
  unplug(): void;
  plug(): void;
}

/** IPv6's neighbours are found by other groups than these, as IPv4's are by ARP. */
const groups = ['ip daddr 224.0.0.0/4 drop', 'ip daddr 255.255.255.255 drop', 'ip6 daddr { ff02::1, ff02::fb } drop'];

export function cableOf(hub: string, port: string, host: string, broadcast: string): Cable {
  const ends: Readonly<Record<Direction, readonly [namespace: string, device: string]>> = {
    in: [host, 'eth0'],
    out: [hub, port],
  };

  function put(directions: readonly Direction[], rules: readonly string[]): void {
    for (const direction of bothWays) {
      const [namespace, device] = ends[direction];
      const table = `netdev fault-${port}`;
      const lines = [`add table ${table}`, `delete table ${table}`];
      if (directions.includes(direction) && rules.length > 0) {
        lines.push(`add table ${table}`);
        lines.push(`add chain ${table} wire { type filter hook ingress device "${device}" priority 0; }`);
        for (const rule of rules) lines.push(`add rule ${table} wire ${rule}`);
      }
      runTool('ip', ['netns', 'exec', namespace, 'nft', '-f', '-'], `${lines.join('\n')}\n`);
    }
  }

  const setPort = (state: 'up' | 'down') => void runTool('ip', ['-n', hub, 'link', 'set', port, state]);
  return {
    cut: (directions = bothWays) => put(directions, ['meta protocol != arp drop']),
    lose: (percent) => put(bothWays, [`meta protocol != arp numgen random mod 1000 < ${percent * 10} drop`]),
    blockGroups: (directions = bothWays) => put(directions, [...groups, `ip daddr ${broadcast} drop`]),
    heal: () => put([], []),
    unplug: () => setPort('down'),
    plug: () => setPort('up'),
  };
}
