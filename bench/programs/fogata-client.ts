import type { Mesh } from 'fogata';
import { bodyOf } from './body-of.ts';
import { type FogataPlace, meshAt, untilFound } from './fogata-place.ts';
import { keepInFlight } from './keep-in-flight.ts';
import type { Task } from './load.ts';
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
  return { player: { perform: (task) => keepInFlight(task.depth, task.ms, onceOf(mesh, task)) } };
});

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
  return async () => {
    const outcome = await mesh.publish('echo', 'echo', { body });
    if (outcome.outcome !== 'delivered') throw wrong(outcome);
  };
}
