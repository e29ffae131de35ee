// The strongest plain receiver there is: sends back what asks for it, counts what does not.
import { play } from './player.ts';
import { createRawParser, createRawWriter } from './raw-frames.ts';
import { listenRaw, type RawPlace } from './raw-socket.ts';

await play(async (place: RawPlace) => {
  let messages = 0;
  const port = await listenRaw(place, (peer) => {
    const writer = createRawWriter(peer.socket);
    const parse = createRawParser({
      onFrame: writer.put,
      onOneWay: () => {
        messages += 1;
      },
    });
    peer.onBytes = (chunk) => {
      parse(chunk);
      writer.flush();
    };
  });
  return { player: { counted: () => messages }, facts: port };
});
