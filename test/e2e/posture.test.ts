import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startAgent } from './lab/agent.ts';
import { type Host, type Lab, openLab } from './lab/lab.ts';
import { seesAll } from './lab/members.ts';
import { untilTrue } from './lab/until.ts';

/** Counts what leaves by eth0, but for what the kernel does by itself for IPv6. */
const count = `
add table inet watch
add chain inet watch out { type filter hook output priority 0; }
add rule inet watch out oifname "eth0" meta l4proto { tcp, udp, igmp } counter
`;

function packetsOut(host: Host): number {
  return Number(/counter packets (\d+)/.exec(host.run('nft', ['list', 'chain', 'inet', 'watch', 'out']))?.[1]);
}

describe('an agent without a key that was not told to be open', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = openLab();
  });
  afterEach(() => lab.close());

  it('[P4] sends nothing outside loopback, and is not reached from there', async () => {
    const [shy, other] = [lab.addHost(), lab.addHost()];
    for (const host of [shy, other]) host.run('nft', ['-f', '-'], count);
    const agent = await startAgent(lab, shy, { name: 'shy', isOpen: false });
    const neighbour = await startAgent(lab, shy, { name: 'neighbour', isOpen: false, http: 'off' });
    const open = await startAgent(lab, other, { name: 'open', seeds: [shy.address] });
    await seesAll(agent, ['neighbour', 'shy']);
    await seesAll(neighbour, ['neighbour', 'shy']);
    // Its beacons and its attempts at the seed have come to nothing by now.
    await untilTrue('the open one has spoken', 10_000, () => packetsOut(other) > 10);
    for (const port of [7470, 7471, 7472, 7473]) {
      const url = `http://${shy.address}:${port}/v1/nodes`;
      expect(() => other.run('curl', ['-sS', '-m', '2', url]), url).toThrow(/curl: \(7\)/);
    }
    await seesAll(open, ['open']);
    await seesAll(agent, ['neighbour', 'shy']);
    expect(packetsOut(shy)).toBe(4); // The four refusals above, which are the kernel's.
    expect((await agent.status()).posture).toBe('loopback');
    const bound = shy
      .run('ss', ['-Hlntu'])
      .split('\n')
      .filter((line) => line !== '');
    const outside = bound.filter((line) => !/127\.0\.0\.1:|\[::1\]:|(?:0\.0\.0\.0|\[::\]|\*):7470 /.test(line));
    expect(outside).toEqual([]);
  });
});
