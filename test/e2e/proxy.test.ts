import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Agent, startAgent } from './lab/agent.ts';
import { type Host, type Lab, openLab } from './lab/lab.ts';
import { memoryPeakOf } from './lab/memory.ts';
import { startProgram } from './lab/program.ts';
import { until, untilTrue } from './lab/until.ts';

const bytes = 128 * 2 ** 20;
const growthMaxMib = 64;

describe('unmodified HTTP clients on one host, a plain program on another', () => {
  let lab: Lab;
  let erp: Host;
  let crm: Host;
  let agents: readonly Agent[];

  beforeAll(async () => {
    lab = openLab();
    erp = lab.addHost();
    crm = lab.addHost();
    await startProgram(crm, 'crm');
    agents = await Promise.all([
      startAgent(lab, crm, { name: 'crm', serve: ['crm=http://127.0.0.1:8080'] }),
      startAgent(lab, erp, { name: 'erp' }),
    ]);
    await untilTrue('the ERP host gets an answer of the CRM', 10_000, () => {
      return erp.run('curl', ['-sS', '-H', 'Host: crm.localhost', 'http://127.0.0.1:7471/leads']).includes('"crm"');
    });
  });
  afterAll(() => lab.close());

  /** Runs `command` in a shell on `host`, while both agents keep their memory. */
  async function shell(host: Host, command: string): Promise<string> {
    const before = agents.map((agent) => agent.memory());
    const child = host.start('sh', ['-c', command]);
    const { code } = await child.exited;
    expect(`${code} ${child.stderr}`).toBe('0 ');
    agents.forEach((agent, i) => {
      const growth = memoryPeakOf(agent.process.pid) - (before[i] ?? 0);
      expect(growth, `MiB more held by the agent of ${agent.name}`).toBeLessThan(growthMaxMib);
    });
    return child.stdout;
  }

  it('streams 128 MiB down, whole and in flat memory', async () => {
    const source = `http://127.0.0.1:8080/bytes/${bytes}`;
    const wanted = await shell(crm, `curl -sS ${source} | sha256sum`);
    const found = await shell(
      erp,
      `curl -sS -H 'Host: crm.localhost' http://127.0.0.1:7471/bytes/${bytes} | sha256sum`,
    );
    expect(found).toBe(wanted);
  });

  it.each([
    ['of a length that is announced', (file: string) => `-T ${file}`],
    ['in chunks', (file: string) => `-T - < ${file}`],
  ])('streams 128 MiB up, %s, whole and in flat memory', async (_how, source) => {
    const file = join(lab.folder, 'upload');
    const [sha256 = ''] = (await shell(erp, `head -c ${bytes} /dev/urandom > ${file}; sha256sum < ${file}`)).split(' ');
    const said = await shell(erp, `curl -sS http://127.0.0.1:7471/to/crm/hash ${source(file)}`);
    expect(JSON.parse(said)).toEqual({ bytes, sha256 });
  });

  it('curl with http_proxy reaches a service by its name', () => {
    const args = ['http_proxy=http://127.0.0.1:7471', 'curl', '-sS', 'http://crm.fogata/leads?of=today'];
    expect(JSON.parse(erp.run('env', args))).toEqual({ program: 'crm', method: 'GET', path: '/leads?of=today' });
  });

  it('a WebSocket goes through to the other host', async () => {
    const script = `
      const socket = new WebSocket('ws://127.0.0.1:7471/to/crm/echo');
      const said = [];
      socket.onopen = () => socket.send('hello');
      socket.onmessage = ({ data }) => {
        said.push(data);
        if (said.length === 3) socket.close(1000);
        else socket.send('again ' + said.length);
      };
      socket.onclose = ({ code }) => console.log(code, said.join(', '));
      socket.onerror = (error) => console.log('failed', error.message);`;
    const client = erp.start('node', ['--no-warnings', '--experimental-websocket', '-e', script]);
    await client.says(/^\d+ |failed/m);
    await client.exited;
    expect(`${client.stdout}${client.stderr}`).toBe('1000 HELLO, AGAIN 1, AGAIN 2\n');
  });

  it('a client that goes away is known to the program', async () => {
    const counts = () => JSON.parse(crm.run('curl', ['-sS', 'http://127.0.0.1:8080/counts'])) as { abandoned: number };
    expect(counts()).toMatchObject({ abandoned: 0 });
    const client = erp.start('curl', ['-sS', '--no-buffer', 'http://127.0.0.1:7471/to/crm/endless']);
    await client.says(/begun/);
    await client.kill();
    await until('the program sees it go', 2_000, () => (counts().abandoned === 1 ? true : undefined));
    await until('no stream is left', 2_000, async () => {
      const open = await Promise.all(agents.map(async (agent) => (await agent.status()).streamsOpen));
      return open.every((count) => count === 0) ? true : undefined;
    });
  });
});
