// Serves `echo` once for each place, and counts what comes.
import type { IncomingStream, Message } from 'fogata';
import { type FogataPlace, meshAt } from './fogata-place.ts';
import { play } from './player.ts';

function sendBack(stream: IncomingStream): void {
  const channel = stream.accept();
  channel.on('error', () => channel.destroy());
  channel.pipe(channel);
}

/** Its end says that all of it was read. */
function readAll(stream: IncomingStream): void {
  const channel = stream.accept();
  channel.on('data', () => undefined);
  channel.on('end', () => channel.end());
  channel.on('error', () => channel.destroy());
}

interface Settings {
  readonly places: readonly FogataPlace[];
  /** Undefined: as many as by default. */
  readonly inFlightMax?: number;
}

await play(async ({ places, ...limits }: Settings) => {
  let messages = 0;
  for (const place of places) {
    const mesh = await meshAt(place);
    const answer = (message: Message) => {
      messages += 1;
      return { body: message.body };
    };
    await mesh.serve('echo', answer, { onStream: { bulk: readAll, hold: sendBack }, ...limits });
  }
  return { player: { counted: () => messages } };
});
