// Many clients of one agent, in one process: each calls once (`call`), or opens streams that stay open (`hold`).
import { once } from 'node:events';
import { type ByteChannel, connect, type Mesh } from 'fogata';
import type { Load, Task } from './load.ts';
import { play } from './player.ts';

interface Settings {
  readonly agent: string;
  readonly clients: number;
}

await play(async ({ agent, clients }: Settings) => {
  const meshes: Mesh[] = [];
  while (meshes.length < clients) meshes.push(await connect(agent));
  const held: ByteChannel[] = [];
  const perform = (task: Task): Promise<Load> => timed(() => (task.verb === 'hold' ? hold(task) : calls(task)));

  async function calls({ bodyBytes }: Task): Promise<number> {
    const body = new Uint8Array(bodyBytes);
    const outcomes = await Promise.all(meshes.map((mesh) => mesh.call('echo', 'echo', { body })));
    const failed = outcomes.find(({ outcome }) => outcome !== 'answered');
    if (failed !== undefined) throw new Error(JSON.stringify(failed));
    return outcomes.length;
  }

  /** `depth` more for each client, each proved by bytes that come back. */
  async function hold({ depth }: Task): Promise<number> {
    for (const mesh of meshes) {
      const opened = await Promise.all(Array.from({ length: depth }, () => mesh.open('echo', 'hold')));
      held.push(...opened);
    }
    await Promise.all(held.map(comesBack));
    return held.length;
  }

  return { player: { perform } };
});

async function comesBack(channel: ByteChannel): Promise<void> {
  const back = once(channel, 'data');
  channel.write('here');
  const [bytes] = (await back) as [Buffer];
  if (bytes.toString() !== 'here') throw new Error(`a stream brought ${JSON.stringify(bytes.toString())}`);
}

async function timed(work: () => Promise<number>): Promise<Load> {
  const from = performance.now();
  const count = await work();
  return { count, elapsedMs: performance.now() - from, latenciesUs: [] };
}
