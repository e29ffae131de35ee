// How fast an unmodified curl streams through the proxy (its host's agent, another host's agent, the program), against the
// same curl straight to the same program, in two network namespaces on one bridge. Interleaved, medians of several.
// Usage: npm run bench:proxy -- [MiB] [rounds]; needs root, ip and nft, as the tests in test/e2e do.
// BENCH_NODE_FLAGS (such as --cpu-prof) go to both agents.
import { type Agent, startAgent } from '../test/e2e/lab/agent.ts';
import { type Host, openLab } from '../test/e2e/lab/lab.ts';
import { memoryPeakOf } from '../test/e2e/lab/memory.ts';
import { startProgram } from '../test/e2e/lab/program.ts';
import { untilTrue } from '../test/e2e/lab/until.ts';

const [mebibytes = 1024, rounds = 3] = process.argv.slice(2).map(Number);
const bytes = mebibytes * 2 ** 20;
const nodeFlags = (process.env['BENCH_NODE_FLAGS'] ?? '').split(' ').filter((flag) => flag !== '');
const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

interface Way {
  readonly name: string;
  readonly url: string;
}

/** MiB a second. */
async function download(host: Host, url: string): Promise<number> {
  const args = ['-sS', '-f', `${url}/bytes/${bytes}`, '-o', '/dev/null', '-w', '%{size_download} %{time_total}'];
  const [size, seconds] = numbersIn(await said(host, 'curl', args));
  return rateOf(size, seconds);
}

/** From standard input, so in chunks: nobody knows the length. */
async function upload(host: Host, url: string): Promise<number> {
  const command = `head -c ${bytes} /dev/zero | curl -sS -f -X PUT -T - '${url}/count' -w ' %{time_total}'`;
  const [size, seconds] = numbersIn((await said(host, 'sh', ['-c', command])).replace(/"sha256":"[^"]*"/, ''));
  return rateOf(size, seconds);
}

const numbersIn = (text: string) => (text.match(/\d+(?:\.\d+)?/g) ?? []).map(Number);

function rateOf(size: number | undefined, seconds: number | undefined): number {
  if (size !== bytes || seconds === undefined) throw new Error(`${size} bytes arrived of ${bytes}`);
  return size / 2 ** 20 / seconds;
}

async function said(host: Host, command: string, args: readonly string[]): Promise<string> {
  const child = host.start(command, args);
  const { code } = await child.exited;
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${child.stderr}`);
  return child.stdout;
}

async function compare(
  what: string,
  ways: readonly Way[],
  run: (url: string) => Promise<number>,
  agents: readonly Agent[],
) {
  const rates = new Map<string, number[]>(ways.map((way) => [way.name, []]));
  const before = agents.map((agent) => agent.memory());
  for (let round = 0; round < rounds; round += 1) {
    for (const way of ways) rates.get(way.name)?.push(await run(way.url));
  }
  const medians = ways.map((way) => median(rates.get(way.name) ?? []));
  for (const [name, values] of rates)
    console.log(`${what} ${name}: ${values.map((rate) => Math.round(rate)).join(' ')} MiB/s`);
  const [direct = Number.NaN, through = Number.NaN] = medians;
  console.log(`${what}: ${(through / direct).toFixed(2)} of the direct rate (asked for: 0.3)`);
  agents.forEach((agent, i) => {
    const growth = memoryPeakOf(agent.process.pid) - (before[i] ?? 0);
    console.log(
      `${what}, memory of ${agent.name}: ${before[i]?.toFixed(0)} MiB before, at most ${growth.toFixed(0)} more`,
    );
  });
}

const lab = openLab();
try {
  const erp = lab.addHost();
  const crm = lab.addHost();
  await startProgram(crm, 'crm', 8080, '0.0.0.0');
  const agents = [
    await startAgent(lab, crm, { name: 'crm', serve: ['crm=http://127.0.0.1:8080'], nodeFlags }),
    await startAgent(lab, erp, { name: 'erp', nodeFlags }),
  ];
  const seesIt = async () => JSON.stringify(await agents[1]?.services()).includes('"state":"up"');
  await untilTrue('the ERP host sees the CRM', 10_000, seesIt);
  const ways = [
    { name: 'direct', url: `http://${crm.address}:8080` },
    { name: 'through the proxy', url: 'http://127.0.0.1:7471/to/crm' },
  ];
  for (const way of ways) await measuredOnce(erp, way.url);
  await compare('down', ways, (url) => download(erp, url), agents);
  await compare('up', ways, (url) => upload(erp, url), agents);
  const ended = agents.map((agent) => agent.process.exited);
  for (const agent of agents) agent.process.signal('SIGTERM');
  await Promise.all(ended);
} finally {
  await lab.close();
}

/** So that no first call pays for opening connections and loading code. */
async function measuredOnce(host: Host, url: string): Promise<void> {
  await host.start('curl', ['-sS', `${url}/leads`]).exited;
}
