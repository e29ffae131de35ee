import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { connect } from 'fogata';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentUnderTest, runFogata, startAgent } from './fogata-process.ts';

let agent: AgentUnderTest;
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fogata-test-'));
  agent = await startAgent('h1');
});
afterAll(async () => {
  await agent.stop();
  await rm(root, { recursive: true });
});

const fogata = (...args: string[]) => runFogata(args, agent.env);

async function serviceUp(service: string): Promise<void> {
  await using mesh = await connect(agent.env['FOGATA_AGENT']);
  for await (const event of mesh.watch()) if (event.type === 'instance-up' && event.service === service) return;
}

const lines = (stdout: string) => stdout.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);

describe('fogata', () => {
  it('pushes files, and listen saves them', async () => {
    const inbox = join(root, 'in');
    const file = join(root, 'photo.raw');
    const content = randomBytes(2_000_000);
    const sha256 = createHash('sha256').update(content).digest('hex');
    await writeFile(file, content);
    const listening = fogata('listen', 'inbox', '--save', inbox, '--json');
    await serviceUp('inbox');

    const pushed = await fogata('push', file, 'inbox', '--json').ended;
    expect(pushed).toMatchObject({ code: 0, stderr: '' });
    expect(lines(pushed.stdout).at(-1)).toMatchObject({ type: 'saved', name: 'photo.raw', sha256, resumed: 0 });
    expect((await readFile(join(inbox, 'photo.raw'))).equals(content)).toBe(true);
    expect(JSON.parse(await listening.line('"saved"'))).toMatchObject({ from: { node: 'h1' }, sha256 });

    const again = await fogata('push', file, 'inbox@h1').ended;
    expect(again).toMatchObject({ code: 0, stdout: '' });
    expect(again.stderr).toMatch(/^saved 1\.9 MiB at inbox@h1 as photo-1\.raw in .*\nsha256 [0-9a-f]{64}\n$/);

    const piped = fogata('push', '-', 'inbox', '--name', 'note.txt');
    piped.process.stdin.end('remember');
    expect((await piped.ended).code).toBe(0);
    expect((await readdir(inbox)).sort()).toEqual(['note.txt', 'photo-1.raw', 'photo.raw']);

    expect(await fogata('push', '-', 'inbox').ended).toMatchObject({ code: 2 });
    expect(await fogata('push', file, 'inbox', '--name', '../x').ended).toMatchObject({ code: 2 });
    expect(await fogata('push', join(root, 'none'), 'inbox').ended).toMatchObject({
      code: 2,
      stderr: `fogata: cannot read ${join(root, 'none')}: no such file or directory\n`,
    });
    expect(await fogata('listen', 'other', '--save', file).ended).toMatchObject({ code: 2, stdout: '' });
    expect(await fogata('push', file, 'nobody').ended).toMatchObject({
      code: 1,
      stderr: 'fogata: nobody serves nobody\n',
    });
    listening.process.kill('SIGINT');
    expect((await listening.ended).code).toBe(130);
  });

  it('forwards a port to a service, and ends at ctrl-C', async () => {
    await using mesh = await connect(agent.env['FOGATA_AGENT']);
    await mesh.serve(
      'echo',
      {},
      {
        onStream: {
          tcp(stream) {
            const channel = stream.accept();
            channel.pipe(channel);
          },
        },
      },
    );
    const forwarding = fogata('forward', '0', 'echo', '--json');
    const { port } = JSON.parse(await forwarding.line('"listening"')) as { port: number };
    const socket = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true });
    const back = buffer(socket);
    const sent = randomBytes(500_000);
    socket.end(sent);
    expect((await back).equals(sent)).toBe(true);
    expect(JSON.parse(await forwarding.line('"closed"'))).toMatchObject({ id: 1, sentBytes: 500_000 });
    const taken = await fogata('forward', `${port}`, 'echo').ended;
    expect(taken).toMatchObject({ code: 1 });
    expect(taken.stderr).toMatch(/is taken by another program/);
    forwarding.process.kill('SIGINT');
    expect((await forwarding.ended).code).toBe(130);
    expect(await fogata('forward', '70000', 'echo').ended).toMatchObject({ code: 2 });
    expect(await fogata('forward', '0', 'echo@*').ended).toMatchObject({ code: 2 });
  });
});
