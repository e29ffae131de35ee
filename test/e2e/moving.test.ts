import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Agent, launchAgent, readyAgent, startAgent } from './lab/agent.ts';
import type { Child } from './lab/child.ts';
import { fogata } from './lab/fogata.ts';
import { type Host, type Lab, openLab } from './lab/lab.ts';
import { memoryPeakOf } from './lab/memory.ts';
import { tell } from './lab/tell.ts';
import { untilTrue } from './lab/until.ts';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

const mebibyte = 1_048_576;
/** `FOGATA_PUSH_MIB=2048` for a long one by hand. */
const fileMebibytes = Number(process.env['FOGATA_PUSH_MIB'] ?? 256);
const fileBytes = fileMebibytes * mebibyte;
/** Long enough that the link is given up, and well within the minute of `push`. */
const cutMs = 4_000;

describe('what moves between hosts', { timeout: 180_000 }, () => {
  let lab: Lab;
  let a: Host;
  let b: Host;
  let agents: Record<'a' | 'b', Agent>;
  let file: string;
  let digest: string;

  const envOf = (name: string) => ({ FOGATA_AGENT: join(lab.folder, `${name}.sock`) });
  const command = (host: Host, name: string, args: readonly string[]): Child =>
    host.start('node', [main, '--json', ...args], envOf(name));

  async function receiver(service: string, ...more: string[]): Promise<{ process: Child; inbox: string }> {
    const inbox = join(lab.folder, service);
    await mkdir(inbox);
    const process = command(b, 'b', ['listen', service, '--save', inbox, ...more]);
    await seen(service);
    return { process, inbox };
  }

  const seen = (service: string) =>
    untilTrue(`${service} is seen by a`, 10_000, async () =>
      (await agents.a.services()).services.some(({ name }) => name === service),
    );

  /** Until so much of the file is in the inbox, under its name or not yet. */
  const arrived = (inbox: string, share: number) =>
    untilTrue(`${share} of the file is there`, 60_000, async () => {
      const sizes = (await readdir(inbox)).map(async (name) => (await stat(join(inbox, name))).size);
      return Math.max(0, ...(await Promise.all(sizes))) >= share * fileBytes;
    });

  async function saved(push: Child) {
    const { code } = await push.exited;
    const last = JSON.parse(push.stdout.trim().split('\n').at(-1) ?? '{}') as Record<string, unknown>;
    expect({ code, stderr: push.stderr, last }).toMatchObject({ code: 0, last: { type: 'saved', sha256: digest } });
    return last as { readonly resumed: number; readonly elapsedMs: number };
  }

  beforeAll(async () => {
    lab = openLab();
    [a, b] = [lab.addHost(), lab.addHost()];
    const [one, other] = await Promise.all([startAgent(lab, a, { name: 'a' }), startAgent(lab, b, { name: 'b' })]);
    agents = { a: one, b: other };
    file = join(lab.folder, 'disk.img');
    const hash = createHash('sha256');
    const block = createHash('sha512');
    await pipeline(
      Readable.from(
        (function* blocks() {
          // Every mebibyte is another one, so that one in a wrong place would be noticed.
          for (let i = 0; i < fileMebibytes; i++) {
            const bytes = Buffer.alloc(mebibyte, block.copy().update(`${i}`).digest());
            hash.update(bytes);
            yield bytes;
          }
        })(),
      ),
      createWriteStream(file),
    );
    digest = hash.digest('hex');
  }, 120_000);
  afterAll(() => lab.close());

  it('a file arrives whole although its link is cut twice', async () => {
    const { process, inbox } = await receiver('cut');
    const push = command(a, 'a', ['push', file, 'cut']);
    for (const share of [1 / 3, 2 / 3]) {
      await arrived(inbox, share);
      b.cable.cut();
      await pause(cutMs);
      b.cable.heal();
    }
    const { resumed, elapsedMs } = await saved(push);
    expect(resumed).toBeGreaterThanOrEqual(2);
    expect(await readdir(inbox)).toEqual(['disk.img']);
    expect(await digestOf(join(inbox, 'disk.img'))).toBe(digest);
    const peaks = [push.pid, agents.a.process.pid, agents.b.process.pid, process.pid].map((pid) => {
      return pid === push.pid ? '' : `${Math.round(memoryPeakOf(pid))}`;
    });
    tell(
      `${fileMebibytes} MiB, link cut twice for ${cutMs} ms: ${elapsedMs} ms, resumed ${resumed} times; ` +
        `peak RSS of agents and receiver in MiB: ${peaks.filter((text) => text !== '').join(', ')}`,
    );
    process.signal('SIGINT');
    await process.exited;
  });

  it('a file arrives whole although both agents are restarted under it', async () => {
    const { process, inbox } = await receiver('restart');
    const push = command(a, 'a', ['push', file, 'restart']);
    await arrived(inbox, 1 / 3);
    await agents.a.kill();
    agents.a = await readyAgent(launchAgent(lab, a, { name: 'a' }));
    await arrived(inbox, 2 / 3);
    await agents.b.kill();
    agents.b = await readyAgent(launchAgent(lab, b, { name: 'b' }));
    const { resumed } = await saved(push);
    expect(resumed).toBeGreaterThanOrEqual(2);
    expect(await readdir(inbox)).toEqual(['disk.img']);
    process.signal('SIGINT');
    await process.exited;
  });

  it('a push that is ended goes on when it is made again', async () => {
    const { process, inbox } = await receiver('again');
    const push = command(a, 'a', ['push', file, 'again']);
    await arrived(inbox, 1 / 3);
    push.signal('SIGINT');
    expect((await push.exited).code).toBe(130);
    const again = command(a, 'a', ['push', file, 'again']);
    await saved(again);
    const begun = JSON.parse(/\{"type":"begun".*/.exec(again.stdout)?.[0] ?? '{}') as { offset?: number };
    expect(begun.offset).toBeGreaterThan(fileBytes / 4);
    expect(await readdir(inbox)).toEqual(['disk.img']);
    process.signal('SIGINT');
    await process.exited;
  });

  it('a disk that is full is told, and nothing is called saved', async () => {
    const inbox = join(lab.folder, 'small');
    await mkdir(inbox);
    // A mount of its own, which nobody else sees and which goes with the process.
    const listen = `mount -t tmpfs -o size=8m tmpfs ${inbox} && exec node ${main} --json listen small --save ${inbox}`;
    const process = b.start('sh', ['-c', listen], envOf('b'));
    await seen('small');
    const known = await fogata(lab, a, 'a', ['push', file, 'small']);
    expect(known).toMatchObject({ code: 1, stdout: '' });
    expect(known.stderr).toMatch(/^fogata: the disk is too full: \d+ bytes are needed, \d+ are free\n$/);
    const piped = `head -c 20000000 /dev/zero | node ${main} push - small --name zeros`;
    const push = a.start('sh', ['-c', piped], envOf('a'));
    expect((await push.exited).code).toBe(1);
    expect(push.stderr).toMatch(/^fogata: the disk is full\n$/);
    expect(process.stdout).not.toMatch(/"saved"/);
    process.signal('SIGINT');
    await process.exited;
  });

  it('a forwarded port leads to another instance once the first one is dead', async () => {
    const hosts = [lab.addHost(), lab.addHost()];
    const names = ['c', 'd'];
    const echo = `require("net").createServer(s => { s.on("error", () => {}); s.write(process.argv[1]); s.pipe(s) }).listen(5432, "127.0.0.1")`;
    const programs = hosts.map((host, i) => host.start('node', ['-e', echo, names[i] ?? '']));
    const serving = await Promise.all(
      hosts.map((host, i) => startAgent(lab, host, { name: names[i] ?? '', serve: ['db=tcp://127.0.0.1:5432'] })),
    );
    await untilTrue('both are seen by a', 10_000, async () => {
      const service = (await agents.a.services()).services.find(({ name }) => name === 'db');
      return service?.instances.filter(({ state }) => state === 'up').length === 2;
    });
    const forward = command(a, 'a', ['forward', '6000', 'db']);
    await forward.says(/"listening"/);
    const ask = () =>
      a.run('node', [
        '-e',
        `const s = require("net").connect(6000, "127.0.0.1"); s.once("data", d => { process.stdout.write(String(d)); s.destroy() })`,
      ]);
    const first = ask();
    expect(names).toContain(first);
    const held = a.start('node', [
      '-e',
      `const s = require("net").connect(6000, "127.0.0.1"); s.on("data", d => console.log(String(d))); s.on("error", e => console.log("error " + e.code))`,
    ]);
    const [, name = ''] = await held.says(/^([cd])$/m);
    hosts[names.indexOf(name)]?.cable.cut();
    await held.says(/error ECONNRESET/, 15_000);
    expect(ask()).toBe(name === 'c' ? 'd' : 'c');
    forward.signal('SIGINT');
    expect((await forward.exited).code).toBe(130);
    for (const agent of serving) await agent.kill();
    for (const program of programs) await program.kill();
  });
});

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(path)) hash.update(bytes as Buffer);
  return hash.digest('hex');
}
