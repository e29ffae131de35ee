import type { VirtualCluster } from './virtual-cluster.ts';
import type { VirtualRandom } from './virtual-random.ts';

const gently = { insist: false, without: [] } as const;

/** Somebody on some node puts another key in the place of the old ones, again and again until a time. */
export function rotateKeys(cluster: VirtualCluster, random: VirtualRandom, pauseMs: number, untilMs: number): void {
  const { world } = cluster;

  async function rotate(): Promise<void> {
    const { live } = cluster;
    const node = live[Math.floor(random.next() * live.length)]?.node;
    const keys = node?.keys;
    // Nobody changes keys where no other node is to be seen.
    if (keys === undefined || node?.nodesView().nodes.length === 1) return;
    const { keys: ring } = await keys.list();
    const begun = ring.length > 1 ? ring.at(-1)?.id : undefined;
    const { key } = await keys.add(begun, gently);
    if (key === null) return;
    const used = await keys.use(key, gently);
    if (!used.done) return;
    for (const { id } of used.keys) if (id !== key) await keys.remove(id, gently);
  }

  function next(): void {
    if (world.nowMs > untilMs) return;
    // Whoever is struck in the middle of it leaves a ring that works; the next one goes on.
    rotate().catch(() => undefined);
    world.at(world.nowMs + pauseMs * (0.5 + random.next()), next);
  }

  world.at(world.nowMs + pauseMs, next);
}
