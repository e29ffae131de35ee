import { textOf } from './body-of.ts';
import { keepInFlight } from './keep-in-flight.ts';
import { peerPackage } from './peer-package.ts';
import { play } from './player.ts';

interface Request {
  readonly type: string;
  readonly body: string;
}

interface Cote {
  readonly Requester: new (settings: unknown, discovery: unknown) => { send(request: Request): Promise<unknown> };
  readonly Responder: new (
    settings: unknown,
    discovery: unknown,
  ) => { on(type: string, listener: (request: Request) => Promise<unknown>): void };
}

interface Settings {
  readonly role: 'client' | 'server';
  readonly key: string;
  readonly discovery: unknown;
}

await play(async ({ role, key, discovery }: Settings) => {
  const { Requester, Responder } = peerPackage('cote') as Cote;
  const quiet = { log: false, statusLogsEnabled: false, helloLogsEnabled: false, ...(discovery as object) };
  if (role === 'server') {
    new Responder({ name: 'server', key }, quiet).on('echo', (request) => Promise.resolve(request.body));
    return { player: {} };
  }
  const requester = new Requester({ name: 'client', key }, quiet);
  // A request waits until a responder is found.
  const found = requester.send({ type: 'echo', body: 'hello' });
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error('cote found nobody in 15 s')), 15_000));
  await Promise.race([found, late]);
  late.catch(() => undefined);
  return {
    player: {
      perform({ depth, ms, bodyBytes }) {
        const body = textOf(bodyBytes);
        return keepInFlight(depth, ms, () => requester.send({ type: 'echo', body }));
      },
    },
  };
});
