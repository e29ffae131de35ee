import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cable, cableOf } from './cable.ts';
import { type Child, startChild } from './child.ts';
import { janitorOf, prefixOfRun, sweepCrashedRuns } from './leftovers.ts';
import { runTool } from './run-tool.ts';

export interface HostOptions {
  readonly addresses: 'ipv4' | 'ipv6' | 'both';
  /** False: its interface comes up by `cable.plug()` and `raise()` only. */
  readonly isUp: boolean;
}

/** A network namespace with loopback and one interface, eth0, and no default route. */
export interface Host {
  readonly namespace: string;
  readonly address: string;
  readonly cable: Cable;
  /** Brings eth0 up, with its addresses. */
  raise(): void;
  /** Starts a process there. It ends with the lab at the latest. */
  start(command: string, args: readonly string[], env?: Readonly<Record<string, string>>): Child;
  /** Runs a short command there to its end. */
  run(command: string, args: readonly string[], input?: string): string;
}

/** Hosts on one bridge, which is in a namespace of its own: nothing of it touches the machine's own network. */
export interface Lab {
  /** For sockets and data; goes with the lab. */
  readonly folder: string;
  addHost(options?: Partial<HostOptions>): Host;
  /** Ends all processes in it, and removes it. */
  close(): Promise<void>;
}

/** DAD keeps an address back for a second or two, which is nothing that is tested here. */
const quickAddresses = 'sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0';

export function openLab(): Lab {
  sweepCrashedRuns();
  const folder = mkdtempSync(join(tmpdir(), 'fogata-e2e-'));
  const prefix = `${prefixOfRun()}${folder.slice(-6)}.`;
  const janitor = janitorOf(prefix, folder);
  const hub = `${prefix}hub`;
  runTool('ip', ['netns', 'add', hub]);
  runTool('ip', ['-n', hub, 'link', 'add', 'br0', 'type', 'bridge', 'mcast_snooping', '0']);
  runTool('ip', ['-n', hub, 'link', 'set', 'br0', 'up']);
  let count = 0;

  function addHost({ addresses = 'both', isUp = true }: Partial<HostOptions> = {}): Host {
    count += 1;
    const number = count;
    const namespace = `${prefix}${number}`;
    const port = `p${number}`;
    runTool('ip', ['netns', 'add', namespace]);
    runTool('ip', ['netns', 'exec', namespace, 'sh', '-c', quickAddresses]);
    const wires = [
      `link add ${port} type veth peer name eth0 netns ${namespace}`,
      `link set ${port} master br0`,
      `link set ${port} up`,
    ];
    runTool('ip', ['-n', hub, '-batch', '-'], `${wires.join('\n')}\n`);
    runTool('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
    const raise = (): void => {
      const lines = ['link set eth0 up'];
      if (addresses !== 'ipv6') lines.push(`addr add 10.77.0.${number}/24 brd 10.77.0.255 dev eth0`);
      if (addresses !== 'ipv4') lines.push(`addr add fd77::${number}/64 dev eth0 nodad`);
      runTool('ip', ['-n', namespace, '-batch', '-'], `${lines.join('\n')}\n`);
    };
    if (isUp) raise();
    return {
      namespace,
      address: addresses === 'ipv6' ? `fd77::${number}` : `10.77.0.${number}`,
      cable: cableOf(hub, port, namespace, '10.77.0.255'),
      raise,
      start: (command, args, env) => startChild('ip', ['netns', 'exec', namespace, command, ...args], env),
      run: (command, args, input) => runTool('ip', ['netns', 'exec', namespace, command, ...args], input),
    };
  }

  return { folder, addHost, close: () => janitor.sweep() };
}
