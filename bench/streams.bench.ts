/**
 * Streams at their bounds: many at once, much in one, calls beside them, and a subscriber that does not read. Processes of their
 * own on loopback, from dist. `npx tsx bench/streams.bench.ts [many|bulk|beside|slow] [--streams N] [--mib N] [--between nodes|agents] [--stop-seconds N] [--rate N]`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect as connectTcp, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type ByteChannel, connect, join, type Mesh } from 'fogata';
import { freePort } from '../src/cli/demo/free-port.ts';
import { firstCore, lastCore, ownCores, pin } from './harness/cpu.ts';
import { optionsOf } from './harness/options.ts';
import { type BesideShape, callsBeside } from './streams/calls-beside.ts';

const { values, positionals } = optionsOf(
  'npx tsx bench/streams.bench.ts [many|bulk|beside|slow] [--streams N] [--mib N] [--between nodes|agents] [--stop-seconds N] [--rate N]',
  {
    allowPositionals: true,
    options: {
      streams: { type: 'string', default: '10000' },
      mib: { type: 'string', default: '512' },
      between: { type: 'string' },
      'stop-seconds': { type: 'string', default: '10' },
      rate: { type: 'string', default: '2000' },
    },
  },
);
const folder = mkdtempSync(joinPath(tmpdir(), 'fogata-bench-'));
const cluster = `bench-${process.pid}`;
const children: ChildProcess[] = [];
const say = (text: string) => void process.stdout.write(`${text}\n`);
const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

interface Child {
  readonly process: ChildProcess;
  readonly lines: Interface;
}

async function start(args: readonly string[], ready: RegExp): Promise<Child> {
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const lines = createInterface({ input: child.stdout });
  for await (const [line] of on(lines)) if (ready.test(line)) break;
  return { process: child, lines };
}

async function* on(lines: Interface): AsyncGenerator<[string]> {
  for (;;) yield (await once(lines, 'line')) as [string];
}

async function agent(name: string): Promise<{ readonly socket: string; readonly pid: number }> {
  const socket = joinPath(folder, `${name}.sock`);
  const places = ['--socket', socket, '--data', joinPath(folder, name), '--http', 'off', '--dns', 'off'];
  const up = [path('../dist/cli/main.js'), '--json', 'up', '--name', name, '--cluster', cluster, ...places];
  const child = await start([...up, '--port', `${await freePort()}`], /"ready": ?true/);
  return { socket, pid: child.process.pid ?? 0 };
}

const program = (role: string, where: string) =>
  start(['--import', 'tsx', path('./streams/stream-program.ts'), role, where], /ready/);

const nodePlace = async () => `node:${cluster}:${await freePort()}`;

/** Resident memory in MiB. */
const memory = (pid: number) => Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;

async function instances(mesh: Mesh, service: string, count: number): Promise<void> {
  for (;;) {
    const { services } = await mesh.services();
    if (services.find(({ name }) => name === service)?.instances.length === count) return;
    await pause(50);
  }
}

/** Streams at once through two agents: what one costs while nothing moves. */
async function many(): Promise<void> {
  const count = Number(values.streams);
  const [a, b] = [await agent('a'), await agent('b')];
  const echo = await program('echo', b.socket);
  await using mesh = await connect(a.socket);
  await instances(mesh, 'echo', 1);
  const pids = {
    'agent a': a.pid,
    'agent b': b.pid,
    'server program': echo.process.pid ?? 0,
    'client program': process.pid,
  };
  const before = Object.values(pids).map(memory);
  const startedAt = performance.now();
  const channels: ByteChannel[] = [];
  while (channels.length < count) {
    const batch = Math.min(250, count - channels.length);
    channels.push(...(await Promise.all(Array.from({ length: batch }, () => mesh.open('echo', 'talk')))));
  }
  const openedMs = performance.now() - startedAt;
  const echoed = async (word: string) => {
    const sentAt = performance.now();
    for (const channel of channels) channel.write(word);
    for (const channel of channels) {
      if (channel.readableLength === 0) await once(channel, 'readable');
      if (String(channel.read()) !== word) throw new Error('another word came back');
    }
    return performance.now() - sentAt;
  };
  const echoMs = [await echoed('hello'), await echoed('again')];
  await pause(1_000);
  say(
    `${count} streams opened in ${openedMs.toFixed(0)} ms; a word through all of them ${echoMs.map((ms) => ms.toFixed(0)).join(', ')} ms`,
  );
  Object.entries(pids).forEach(([name, pid], i) => {
    const kib = ((memory(pid) - (before[i] ?? 0)) * 1_024) / count;
    say(`  ${name}: ${memory(pid).toFixed(0)} MiB, ${kib.toFixed(1)} KiB for each stream`);
  });
  for (const channel of channels) channel.destroy();
}

/** One stream's bytes per second: raw TCP to a sink, node to node, through two agents. */
async function bulk(): Promise<void> {
  const chunk = Buffer.alloc(65_536, 7);
  const bytes = Number(values.mib) * 1_048_576;
  const [a, b] = [await agent('a'), await agent('b')];
  const server = createServer({ allowHalfOpen: true }, (socket) =>
    socket.on('data', () => {}).on('end', () => socket.end('x')),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const measure = async (stream: NodeJS.ReadWriteStream) => {
    const startedAt = performance.now();
    for (let sent = 0; sent < bytes; sent += chunk.length) if (!stream.write(chunk)) await once(stream, 'drain');
    stream.end();
    stream.resume();
    await once(stream, 'end');
    return bytes / 1_048.576 / (performance.now() - startedAt);
  };
  const behindAgent = await program('sink', b.socket);
  await using viaAgents = await connect(a.socket);
  await instances(viaAgents, 'sink', 1);
  const throughAgents = async () => measure(await viaAgents.open('sink', 'x'));
  const rates: Record<string, number[]> = { 'raw TCP, in one process': [], 'through two agents': [] };
  for (let round = 0; round < 3; round++) {
    rates['raw TCP, in one process']?.push(await measure(connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true })));
    rates['through two agents']?.push(await throughAgents());
  }
  behindAgent.process.kill();
  for (const [name, all] of Object.entries(rates))
    say(`${name}: ${all.map((rate) => rate.toFixed(0)).join(', ')} MiB/s`);
  say(`agents: ${memory(a.pid).toFixed(0)}, ${memory(b.pid).toFixed(0)} MiB`);
  server.close();
}

/**
 * Calls one after the other on the link that no, one and ten streams fill: node to node, and between two agents. With each
 * side pinned to a core of its own what waits is in our queues; where the kernel places them, now and then a slice of its scheduler.
 */
async function beside(): Promise<void> {
  if (values.between !== 'agents') await besideBetweenNodes();
  if (values.between !== 'nodes') await besideBetweenAgents();
}

async function besideBetweenNodes(): Promise<void> {
  const port = await freePort();
  const sink = await program('sink', `node:${cluster}:${port}`);
  await using node = await join({ cluster, name: 'caller', port: await freePort(), seeds: [`127.0.0.1:${port}`] });
  await instances(node, 'sink', 1);
  const sides = [[process.pid], [sink.process.pid ?? 0]];
  await besidePlaced('node to node', { caller: node, streamer: node, address: 'sink' }, sides);
}

async function besideBetweenAgents(): Promise<void> {
  const [a, b] = [await agent('a'), await agent('b')];
  const sink = await program('sink', b.socket);
  await using caller = await connect(a.socket);
  await using streamer = await connect(a.socket);
  // The one that is a node lives on.
  await instances(caller, 'sink', values.between === 'agents' ? 1 : 2);
  const sides = [
    [process.pid, a.pid],
    [b.pid, sink.process.pid ?? 0],
  ];
  await besidePlaced('between two agents', { caller, streamer, address: 'sink@b' }, sides);
}

type BesideMeshes = Omit<BesideShape, 'streams' | 'forMs'>;

/** `sides`: the processes of either side of the link. */
async function besidePlaced(name: string, meshes: BesideMeshes, sides: number[][]): Promise<void> {
  // What is idle is measured first, and not with code that is not compiled yet.
  await callsBeside({ ...meshes, streams: 1, forMs: 1_500 });
  const cores = ownCores() ?? '0';
  if (firstCore(cores) === lastCore(cores)) say('no taskset, or one core only: nothing is pinned');
  else {
    sides.forEach((pids, side) => pin(pids, side === 0 ? firstCore(cores) : lastCore(cores)));
    await besideStreams(`${name}, each side on a core of its own`, meshes);
    pin(sides.flat(), cores);
  }
  await besideStreams(`${name}, where the kernel places them`, meshes);
}

async function besideStreams(name: string, meshes: BesideMeshes): Promise<void> {
  let idleUs = 0;
  for (const streams of [0, 1, 10]) {
    const { p50Us, p99Us, rate } = await callsBeside({ ...meshes, streams, forMs: 3_000 });
    if (streams === 0) idleUs = p99Us;
    const ratio = `${(p99Us / idleUs).toFixed(1)} × idle; the streams ${rate.toFixed(0)} MB/s`;
    say(`${name}, a call beside ${streams} streams: p50 ${p50Us.toFixed(0)}, p99 ${p99Us.toFixed(0)} µs, ${ratio}`);
  }
}

/** A subscriber that stops reading under load, and what the others and its agent notice. */
async function slow(): Promise<void> {
  const rate = Number(values.rate);
  const stopMs = Number(values['stop-seconds']) * 1_000;
  const s = await agent('s');
  const sleeper = await program('subscriber', s.socket);
  const others = [await program('subscriber', await nodePlace()), await program('subscriber', await nodePlace())];
  await using mesh = await join({ cluster, name: 'publisher', port: await freePort() });
  await instances(mesh, 'feed', 3);
  const outcomes = new Map<string, number>();
  let isOn = true;
  const note = (word: string) => outcomes.set(word, (outcomes.get(word) ?? 0) + 1);
  const body = 'x'.repeat(128);
  const load = (async () => {
    // By the clock, whoever is slow: what is due goes out, and nobody waits for what becomes of it.
    const startedAt = performance.now();
    for (let sent = 0; isOn; ) {
      const due = ((performance.now() - startedAt) * rate) / 1_000;
      // What the machine has not had time for is not made up for.
      sent = Math.max(sent, Math.floor(due - rate / 20));
      for (; sent < due; sent++) {
        void mesh.publish('feed', 'item', { body, deadlineMs: 2_000 }).then(({ instances: all }) => {
          for (const { node, outcome, code } of all)
            note(`${node === 's' ? 'sleeper' : 'others'} ${outcome} ${code ?? ''}`);
        });
      }
      await pause(2);
    }
  })();
  const ask = async (child: Child): Promise<[number, number]> => {
    child.process.stdin?.write('\n');
    const [line] = (await once(child.lines, 'line')) as [string];
    const [count = 0, missed = 0] = line.split(' ').map(Number);
    return [count, missed];
  };
  const perSecond = async (ms: number) => {
    const before = await Promise.all(others.map(ask));
    const startedAt = performance.now();
    await pause(ms);
    const after = await Promise.all(others.map(ask));
    const seconds = (performance.now() - startedAt) / 1_000;
    return after.map(([count], i) => (count - (before[i]?.[0] ?? 0)) / seconds);
  };
  await pause(2_000);
  const shown = (rates: number[]) => rates.map((one) => one.toFixed(0)).join(', ');
  const before = { rates: await perSecond(5_000), memory: memory(s.pid) };
  say(
    `${rate} publishes a second to three; before: others ${shown(before.rates)} a second, agent ${before.memory.toFixed(0)} MiB`,
  );
  sleeper.process.kill('SIGSTOP');
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, memory(s.pid))), 100);
  const during = await perSecond(stopMs);
  say(`stopped for ${stopMs / 1_000} s: others ${shown(during)} a second, agent at most ${peak.toFixed(0)} MiB`);
  sleeper.process.kill('SIGCONT');
  const after = await perSecond(5_000);
  const [count, missed] = await ask(sleeper);
  clearInterval(watch);
  say(
    `after it: others ${shown(after)} a second, agent ${memory(s.pid).toFixed(0)} MiB; the sleeper has ${count}, and was told of ${missed} missed`,
  );
  isOn = false;
  await load;
  await pause(2_500);
  for (const [word, times] of [...outcomes].sort(([one], [other]) => (one < other ? -1 : 1)))
    say(`  ${word}: ${times}`);
}

const parts: Readonly<Record<string, () => Promise<void>>> = { many, bulk, beside, slow };
try {
  const wanted = positionals.length === 0 ? Object.keys(parts) : positionals;
  for (const name of wanted) await parts[name]?.();
} finally {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
