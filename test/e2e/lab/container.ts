import { startChild } from './child.ts';
import type { Host } from './lab.ts';
import { runTool } from './run-tool.ts';

/** What Docker sets up for `-p published:inner`, UDP and TCP: a bridge address, and translation both ways. */
const rules = (published: number, inner: number) => `
table ip translation {
  chain in {
    type nat hook prerouting priority dstnat;
    iifname "eth0" meta l4proto { tcp, udp } th dport ${published} dnat to 172.17.0.2:${inner}
  }
  chain out {
    type nat hook postrouting priority srcnat;
    oifname "eth0" masquerade random
  }
}
`;

/** A container on a host, which others reach by a port of the host only. It goes with the lab. */
export function startContainer(
  host: Host,
  published: number,
  inner: number,
): Pick<Host, 'namespace' | 'start' | 'run'> {
  const namespace = `${host.namespace}c`;
  runTool('ip', ['netns', 'add', namespace]);
  const links = [
    `link add docker0 type veth peer name eth0 netns ${namespace}`,
    'addr add 172.17.0.1/16 dev docker0',
    'link set docker0 up',
  ];
  runTool('ip', ['-n', host.namespace, '-batch', '-'], `${links.join('\n')}\n`);
  const inside = [
    'link set lo up',
    'addr add 172.17.0.2/16 brd 172.17.255.255 dev eth0',
    'link set eth0 up',
    'route add default via 172.17.0.1',
  ];
  runTool('ip', ['-n', namespace, '-batch', '-'], `${inside.join('\n')}\n`);
  host.run('sysctl', ['-qw', 'net.ipv4.ip_forward=1']);
  host.run('nft', ['-f', '-'], rules(published, inner));
  return {
    namespace,
    start: (command, args, env) => startChild('ip', ['netns', 'exec', namespace, command, ...args], env),
    run: (command, args, input) => runTool('ip', ['netns', 'exec', namespace, command, ...args], input),
  };
}
