import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Agent, startAgent } from './lab/agent.ts';
import { type Avahi, isAvahiHere, startAvahi } from './lab/avahi.ts';
import { type Host, type Lab, openLab } from './lab/lab.ts';
import { until, untilTrue } from './lab/until.ts';

const isHere = isAvahiHere();
if (!isHere) process.stderr.write('mDNS is not tried with avahi: avahi-daemon, avahi-utils or dbus is not installed\n');
const type = '_fogata._udp';

// In CI it is installed, and missing is a failure.
describe.runIf(isHere || process.env['CI'] === 'true')('mDNS with a real avahi', () => {
  let lab: Lab;
  let agentHost: Host;
  let avahiHost: Host;
  let agent: Agent;
  let avahi: Avahi;

  beforeEach(async () => {
    lab = openLab();
    agentHost = lab.addHost();
    avahiHost = lab.addHost();
    avahi = await startAvahi(lab, avahiHost, 'neighbour');
    agent = await startAgent(lab, agentHost, { name: 'kitchen' });
  });

  afterEach(() => lab.close());

  it('avahi finds and resolves an agent, by IPv4 and IPv6, and sees it leave', async () => {
    const { id, port } = await agent.status();
    const lines = await until('avahi resolves it', 10_000, () => {
      const resolved = avahi.browse(type).filter((line) => line.startsWith('='));
      return resolved.length >= 2 ? resolved : undefined;
    });
    for (const line of lines) {
      const [, device, , instance, , , host, address, at, texts] = line.split(';');
      expect([device, instance, host, Number(at)]).toEqual(['eth0', id, `fogata-${id}.local`, port]);
      expect(address).toMatch(/^(10\.77\.0\.1|fd77::1|fe80:.*)$/);
      expect(texts).toContain(`"id=${id}"`);
      expect(texts).not.toContain('kitchen');
    }
    expect(new Set(lines.map((line) => line.split(';')[2]))).toEqual(new Set(['IPv4', 'IPv6']));
    expect(avahi.browseAll().join('\n')).toContain('_fogata._udp');
    agent.process.signal('SIGTERM');
    await agent.process.exited;
    await untilTrue('avahi knows that it left', 5_000, () => avahi.browse(type).length === 0);
  });

  it('an agent finds what avahi publishes, and keeps to its own cluster', async () => {
    avahi.publish('x', type, 7472);
    avahi.publish('stranger', type, 7473, ['c=0000000000000000']);
    const found = await until('both are seen', 10_000, async () => {
      const { discovery } = await agent.status();
      const all = discovery.mdns?.found ?? [];
      return all.length === 2 && all.every((one) => one.addresses.length > 0) ? all : undefined;
    });
    const x = found.find((one) => one.instance === 'x');
    expect(x).toMatchObject({ interface: 'eth0', cluster: 'unknown' });
    expect(x?.addresses).toContain('10.77.0.2:7472');
    expect(found.find((one) => one.instance === 'stranger')).toMatchObject({ cluster: 'other' });
  });

  it('agents on one host with avahi share its port, and all are seen from elsewhere', async () => {
    const second = await startAgent(lab, avahiHost, { name: 'cellar' });
    const ids = [(await agent.status()).id, (await second.status()).id];
    await untilTrue('avahi resolves both', 15_000, () => {
      const resolved = avahi.browse(type).filter((line) => line.startsWith('='));
      return ids.every((id) => resolved.filter((line) => line.includes(id)).length === 2);
    });
    const { discovery } = await second.status();
    expect(discovery.mdns?.outlets.every((outlet) => outlet.state === 'working')).toBe(true);
  });
});
