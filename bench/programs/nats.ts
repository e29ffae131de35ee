// NATS by its own client, tuned: without `noAsyncTraces` each request makes an Error for its stack.
import { bodyOf } from './body-of.ts';
import { keepInFlight } from './keep-in-flight.ts';
import type { Load, Task } from './load.ts';
import { peerPackage } from './peer-package.ts';
import { play } from './player.ts';

interface Received {
  readonly data: Uint8Array;
  respond(data: Uint8Array): boolean;
}

interface Connection {
  request(subject: string, data: Uint8Array, options: { readonly timeout: number }): Promise<Received>;
  publish(subject: string, data: Uint8Array): void;
  subscribe(subject: string, options: { readonly callback: (error: Error | null, message: Received) => void }): unknown;
  flush(): Promise<void>;
}

interface Nats {
  connect(options: { readonly servers: string; readonly noAsyncTraces: boolean }): Promise<Connection>;
}

interface Settings {
  readonly port: number;
  readonly role: 'client' | 'server';
  readonly subscribers: number;
}

/** A publisher is never further ahead of the last subscriber than this. */
const aheadMax = 4_096;
const reportEach = 256;

await play(async ({ port, role, subscribers }: Settings) => {
  const open = () =>
    (peerPackage('@nats-io/transport-node') as Nats).connect({ servers: `127.0.0.1:${port}`, noAsyncTraces: true });
  if (role === 'client') {
    const connection = await open();
    const perform = (task: Task) => clientLoad(connection, task);
    return { player: { perform } };
  }
  let messages = 0;
  for (let i = 0; i < Math.max(1, subscribers); i += 1) {
    const connection = await open();
    const callback = (_: Error | null, message: Received): void => {
      messages += 1;
      if (subscribers === 0) message.respond(message.data);
      else if (messages % reportEach === 0) connection.publish('taken', Buffer.from(String(messages / subscribers)));
    };
    connection.subscribe(subscribers === 0 ? 'echo' : 'news', { callback });
    connection.subscribe('one-way', {
      callback: () => {
        messages += 1;
      },
    });
    await connection.flush();
  }
  return { player: { counted: () => messages } };
});

function clientLoad(connection: Connection, task: Task): Promise<Load> {
  const body = bodyOf(task.bodyBytes);
  if (task.verb === 'call') {
    return keepInFlight(task.depth, task.ms, () => connection.request('echo', body, { timeout: 10_000 }));
  }
  return task.verb === 'publish' ? published(connection, body, task) : sent(connection, body, task);
}

/** There is no outcome; the answer of the server to a ping says that it has read all before. */
function sent(connection: Connection, body: Uint8Array, { depth, ms }: Task): Promise<Load> {
  return batches(ms, depth, async () => {
    for (let i = 0; i < depth; i += 1) connection.publish('one-way', body);
    await connection.flush();
  });
}

async function published(connection: Connection, body: Uint8Array, { depth, ms }: Task): Promise<Load> {
  let taken = 0;
  let goOn = (): void => undefined;
  let count = 0;
  let first: number | undefined;
  const callback = (_: Error | null, message: Received): void => {
    const total = Number(Buffer.from(message.data).toString());
    first ??= total - reportEach;
    taken = Math.max(taken, total - first);
    goOn();
  };
  const subscription = connection.subscribe('taken', { callback }) as { unsubscribe(): void };
  const load = await batches(ms, depth, async () => {
    for (let i = 0; i < depth; i += 1) connection.publish('news', body);
    count += depth;
    await connection.flush();
    while (count - taken > aheadMax && first !== undefined) {
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
    }
  });
  subscription.unsubscribe();
  return load;
}

async function batches(ms: number, size: number, once: () => Promise<void>): Promise<Load> {
  const load = await keepInFlight(1, ms, once);
  return { count: load.count * size, elapsedMs: load.elapsedMs, latenciesUs: [] };
}
