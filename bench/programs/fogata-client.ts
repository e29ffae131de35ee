import { once } from 'node:events';
import type { Mesh } from 'fogata';
import { bodyOf } from './body-of.ts';
import { type FogataPlace, meshAt, untilFound } from './fogata-place.ts';
import { keepInFlight } from './keep-in-flight.ts';
import type { Load, Task } from './load.ts';
import { play } from './player.ts';

interface Settings {
  readonly place: FogataPlace;
  /** How many serve `echo`. */
  readonly instances: number;
}

await play(async ({ place, instances }: Settings) => {
  const mesh = await meshAt(place);
  await untilFound('all serve', async () => {
    const published = await mesh.publish('echo', 'echo', { body: 'hello' });
    return published.outcome === 'delivered' && published.instances.length === instances;
  });
  const perform = (task: Task): Promise<Load> =>
    task.verb === 'bulk' ? bulk(mesh, task) : keepInFlight(task.depth, task.ms, onceOf(mesh, task));
  return { player: { perform } };
});

/** Until the other side has said that it has read all of it. */
async function bulk(mesh: Mesh, { bodyBytes, ms }: Task): Promise<Load> {
  const piece = bodyOf(bodyBytes);
  const from = performance.now();
  const channel = await mesh.open('echo', 'bulk');
  let count = 0;
  while (performance.now() < from + ms) {
    count += piece.length;
    if (!channel.write(piece)) await once(channel, 'drain');
  }
  const ended = once(channel.resume(), 'end');
  channel.end();
  await ended;
  return { count, elapsedMs: performance.now() - from, latenciesUs: [] };
}

function onceOf(mesh: Mesh, { verb, bodyBytes }: Task): () => Promise<unknown> {
  const body = bodyOf(bodyBytes);
  const wrong = (outcome: unknown) => new Error(`${verb}: ${JSON.stringify(outcome)}`);
  if (verb === 'call') {
    return async () => {
      const outcome = await mesh.call('echo', 'echo', { body });
      if (outcome.outcome !== 'answered') throw wrong(outcome);
    };
  }
  if (verb === 'send') {
    return async () => {
      const outcome = await mesh.send('echo', 'echo', { body });
      if (outcome.outcome !== 'delivered') throw wrong(outcome);
    };
  }
  // Publishes, whoever may be too busy for it.
  if (verb === 'flood') return () => mesh.publish('echo', 'echo', { body });
  return async () => {
    const outcome = await mesh.publish('echo', 'echo', { body });
    if (outcome.outcome !== 'delivered') throw wrong(outcome);
  };
}
