// What stands where an agent stands, and does nothing but to pass bytes on, both ways.
import { play } from './player.ts';
import { dialRaw, listenRaw, type RawPeer, type RawPlace } from './raw-socket.ts';

function pass(from: RawPeer, to: RawPeer): void {
  from.onBytes = (chunk) => {
    if (to.socket.write(chunk)) return;
    from.socket.pause();
    to.socket.once('drain', () => from.socket.resume());
  };
}

await play(async ({ listen, to }: { readonly listen: RawPlace; readonly to: RawPlace }) => {
  const onPeer = async (peer: RawPeer): Promise<void> => {
    peer.socket.pause();
    const next = await dialRaw(to, false);
    pass(peer, next);
    pass(next, peer);
    peer.socket.resume();
  };
  return { player: {}, facts: await listenRaw(listen, (peer) => void onPeer(peer)) };
});
