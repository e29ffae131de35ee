import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Agent, launchAgent, startAgent } from './lab/agent.ts';
import type { Child } from './lab/child.ts';
import { type Host, type Lab, openLab } from './lab/lab.ts';
import { askingItself } from './lab/names.ts';
import { startProgram } from './lab/program.ts';
import { isToolHere } from './lab/run-tool.ts';
import { tell } from './lab/tell.ts';
import { untilTrue } from './lab/until.ts';
import { watchWithheld } from './lab/withheld.ts';

const isHere = isToolHere('dig');
if (!isHere) process.stderr.write('DNS is not tried with dig: it is not installed (bind9-dnsutils)\n');

/** An instance that has ended is out of DNS within this time: its check looks every second, the rest is gossip. */
const removalMsMax = 1_500;

// In CI it is installed, and missing is a failure.
describe.runIf(isHere || process.env['CI'] === 'true')('DNS, asked by dig and used by curl', () => {
  let lab: Lab;
  let office: Host;
  let hosts: readonly [Host, Host];
  let agents: readonly [Agent, Agent];
  let asked: Agent;
  let webs: readonly [Child, Child];

  beforeAll(async () => {
    lab = openLab();
    const bare = lab.addHost();
    office = askingItself(lab, bare);
    hosts = [lab.addHost(), lab.addHost()];
    const start = async (host: Host, n: number): Promise<[Agent, Child]> => {
      await startProgram(host, `crm${n}`);
      const web = await startProgram(host, `web${n}`, 8081, '0.0.0.0');
      const serve = ['crm=http://127.0.0.1:8080', 'web=http://0.0.0.0:8081'];
      return [await startAgent(lab, host, { name: `db${n}`, serve }), web];
    };
    const [first, second] = await Promise.all([start(hosts[0], 1), start(hosts[1], 2)]);
    agents = [first[0], second[0]];
    webs = [first[1], second[1]];
    asked = await startAgent(lab, bare, { name: 'office', flags: ['--dns', '127.0.0.1:53'] });
    await untilTrue('all names are there', 10_000, () => {
      return ['crm', 'web'].every((name) => dig(`${name}.fogata`, 'SRV').length === 2);
    });
  });
  afterAll(() => lab.close());

  const lines = (text: string) => text.split('\n').filter((line) => line !== '');

  /** What the resolver of the host says. */
  const dig = (name: string, type: string, ...more: string[]) =>
    lines(office.run('dig', ['+short', '+tries=1', '+time=10', ...more, name, type]));

  const digAll = (...args: string[]) => office.run('dig', ['+tries=1', '+time=10', ...args]);

  const addresses = () => [...hosts].map(({ address }) => address);

  it('A is one of the instances, and both in turn', () => {
    const seen = new Set<string>();
    for (let i = 0; i < 40; i += 1) {
      const found = dig('web.fogata', 'A');
      expect(found).toHaveLength(1);
      seen.add(found[0] ?? '');
    }
    expect([...seen].sort()).toEqual(addresses());
  });

  it.each([[[]], [['+tcp']], [['+noedns']], [['+bufsize=512']], [['+cookie']], [['+dnssec']], [['+tcp', '+keepopen']]])(
    'SRV names them with %j, and its targets have addresses',
    (flags) => {
      const found = dig('_web._tcp.fogata', 'SRV', ...flags);
      const targets = found.map((line) => line.replace(/^0 \d+ 8081 (.*)\.$/, '$1')).sort();
      expect(targets).toEqual(['web.db1.node.fogata', 'web.db2.node.fogata']);
      expect(targets.map((target) => dig(target, 'A', ...flags).join())).toEqual(addresses());
    },
  );

  it('a program on loopback of another host is reached through the agent here', () => {
    expect(dig('crm.fogata', 'A')).toEqual(['127.0.0.1']);
    expect(dig('crm.fogata', 'AAAA')).toEqual([]);
    const found = dig('crm.fogata', 'SRV').map((line) => line.split(' ').slice(2).join(' '));
    expect(found.sort()).toEqual(['7471 crm.db1.node.fogata.', '7471 crm.db2.node.fogata.']);
  });

  it('TXT tells of them, nodes have addresses', () => {
    expect(dig('crm.fogata', 'TXT').join()).toMatch(/"node=db1" "state=up" "weight=100"/);
    expect(dig('db1.node.fogata', 'A')).toEqual([hosts[0].address]);
    expect(dig('db1.node.fogata', 'AAAA')).toEqual(['fd77::2']);
  });

  it.each([
    ['crm.fogata', 'NOERROR', 'ANSWER: 1, AUTHORITY: 0'],
    ['nobody.fogata', 'NXDOMAIN', 'ANSWER: 0, AUTHORITY: 1'],
    ['node.fogata', 'NOERROR', 'ANSWER: 0, AUTHORITY: 1'],
    ['example.org', 'REFUSED', 'ANSWER: 0, AUTHORITY: 0'],
  ])('%s is %s', (name, status, counts) => {
    const said = digAll(name, 'A');
    expect(said).toContain(`status: ${status}`);
    expect(said).toContain(counts);
    expect(said).not.toMatch(/WARNING: .*(?:malformed|extra|mismatch)/i);
  });

  it('other classes, versions and operations are turned away', () => {
    expect(digAll('-c', 'CH', 'version.bind', 'TXT')).toContain('status: REFUSED');
    expect(digAll('+edns=1', '+noednsnegotiation', 'crm.fogata')).toContain('status: BADVERS');
    expect(digAll('+opcode=notify', 'crm.fogata')).toContain('status: NOTIMP');
    expect(digAll('crm.fogata', 'ANY')).toContain('"RFC8482" ""');
    expect(digAll('+tcp', 'fogata', 'AXFR')).toContain('Transfer failed');
  });

  it('is at 127.0.0.1:7473 and at ::1 unless told otherwise', async () => {
    const [first] = hosts;
    for (const at of ['127.0.0.1', '::1']) {
      expect(lines(first.run('dig', ['+short', `@${at}`, '-p', '7473', 'office.node.fogata']))).toEqual([
        office.address,
      ]);
    }
    expect((await agents[0].status()).agent.dns).toBe('127.0.0.1:7473');
    // Here it is better than any other, and past the agent.
    const own = lines(first.run('dig', ['+short', '@127.0.0.1', '-p', '7473', 'crm.fogata', 'SRV']));
    expect(own[0]).toMatch(/^0 \d+ 8080 crm\.db1\.node\.fogata\.$/);
    expect(own[1]).toMatch(/^1 \d+ 7471 crm\.db2\.node\.fogata\.$/);
  });

  it('an unmodified curl finds a service by name: through the agent, and straight there', () => {
    const get = (url: string) => office.run('curl', ['-sS', '-w', ' %{remote_ip}', url]);
    expect(get('http://crm.fogata:7471/leads')).toMatch(/^\{"program":"crm[12]",.*"path":"\/leads"\} 127\.0\.0\.1$/);
    expect(get('http://crm.db2.node.fogata:7471/x')).toMatch(/^\{"program":"crm2",/);
    expect(get('http://web.fogata:8081/leads')).toMatch(
      /^\{"program":"web([12])",.*"path":"\/leads"\} 10\.77\.0\.[23]$/,
    );
    expect(() => get('http://nobody.fogata:7471/')).toThrow(/Could not resolve host/);
  });

  it('a second agent on a host does without, and says so; one that was told to have the port does not start', async () => {
    const third = await startAgent(lab, hosts[0], { name: 'db3', http: 'off' });
    expect((await third.status()).agent.dns).toBeNull();
    const asked = { name: 'db4', http: 'off', flags: ['--dns', '7473'] };
    const { process: fourth } = launchAgent(lab, hosts[0], asked);
    expect((await fourth.exited).code).toBe(1);
    expect(fourth.stderr).toContain('127.0.0.1:7473: the DNS port is in use');
    await third.kill();
  });

  it(`an instance that has ended is gone from DNS within ${removalMsMax} ms`, async () => {
    /** What the machine withheld from the agents meanwhile is taken off. */
    const removalMs = async (kill: () => Promise<void>, left: number): Promise<number> => {
      const withheld = watchWithheld([...agents, asked].map((agent) => agent.process.pid));
      const from = performance.now();
      await kill();
      await untilTrue(`${left} are left in DNS`, 10_000, () => dig('web.fogata', 'SRV').length === left);
      const to = performance.now();
      withheld.end();
      return to - from - withheld.between(from, to);
    };
    const programMs = await removalMs(() => webs[0].kill(), 1);
    expect(dig('web.fogata', 'A')).toEqual([hosts[1].address]);
    const agentMs = await removalMs(() => agents[1].kill(), 0);
    tell(
      `DNS without a killed program after ${Math.round(programMs)} ms, without a killed agent after ${Math.round(agentMs)} ms`,
    );
    expect(programMs).toBeLessThan(removalMsMax);
    expect(agentMs).toBeLessThan(removalMsMax);
    // Its host still says that it is down, so the name is there, with nothing to it.
    const said = digAll('web.fogata', 'A');
    expect(said).toContain('status: NOERROR');
    expect(said).toContain('ANSWER: 0, AUTHORITY: 1');
  });
});
