// DEALER to ROUTER: REQ and REP allow one in flight. The number that tells answers apart is a frame of its own.
import { bodyOf } from './body-of.ts';
import { keepInFlight } from './keep-in-flight.ts';
import { peerPackage } from './peer-package.ts';
import { play } from './player.ts';

interface ZmqSocket extends AsyncIterable<Buffer[]> {
  connect(address: string): void;
  bind(address: string): Promise<void>;
  send(parts: readonly (Uint8Array | string)[]): Promise<void>;
  readonly lastEndpoint: string;
}

interface ZeroMq {
  readonly Dealer: new () => ZmqSocket;
  readonly Router: new () => ZmqSocket;
}

await play(async ({ role, address }: { readonly role: 'client' | 'server'; readonly address: string }) => {
  const { Dealer, Router } = peerPackage('zeromq') as ZeroMq;
  if (role === 'server') {
    const router = new Router();
    await router.bind(address);
    void answerAll(router);
    return { player: {}, facts: router.lastEndpoint };
  }
  const dealer = new Dealer();
  dealer.connect(address);
  const ask = requester(dealer);
  await ask(bodyOf(1));
  return {
    player: {
      perform({ depth, ms, bodyBytes }) {
        const body = bodyOf(bodyBytes);
        return keepInFlight(depth, ms, () => ask(body));
      },
    },
  };
});

async function answerAll(router: ZmqSocket): Promise<void> {
  for await (const parts of router) await router.send(parts);
}

/** A socket takes one `send` at a time: what comes meanwhile waits in line. */
function requester(dealer: ZmqSocket): (body: Uint8Array) => Promise<Buffer> {
  const waiting = new Map<number, (body: Buffer) => void>();
  let line: (readonly [Buffer, Uint8Array])[] = [];
  let sending = false;
  let last = 0;
  async function sendAll(): Promise<void> {
    sending = true;
    while (line.length > 0) {
      const batch = line;
      line = [];
      for (const parts of batch) await dealer.send(parts);
    }
    sending = false;
  }
  async function receiveAll(): Promise<void> {
    for await (const [tag, body] of dealer) {
      const number = tag?.readUInt32BE(0) ?? 0;
      const settle = waiting.get(number);
      waiting.delete(number);
      if (body !== undefined) settle?.(body);
    }
  }
  void receiveAll();
  return (body) =>
    new Promise((resolve) => {
      last = (last + 1) >>> 0;
      const tag = Buffer.allocUnsafe(4);
      tag.writeUInt32BE(last, 0);
      waiting.set(last, resolve);
      line.push([tag, body]);
      if (!sending) void sendAll();
    });
}
