// Serves `echo` once for each place, and counts what comes.
import { type FogataPlace, meshAt } from './fogata-place.ts';
import { play } from './player.ts';

await play(async (places: readonly FogataPlace[]) => {
  let messages = 0;
  for (const place of places) {
    const mesh = await meshAt(place);
    await mesh.serve('echo', (message) => {
      messages += 1;
      return { body: message.body };
    });
  }
  return { player: { counted: () => messages } };
});
