import { silentLog } from '../src/runtime/log.ts';
import { memoryStorage } from '../src/runtime/memory-storage.ts';
import type { Runtime } from '../src/runtime/runtime.ts';
import type { Storage } from '../src/runtime/storage.ts';
import type { ByteStream } from '../src/runtime/streams.ts';
import { systemRuntime } from '../src/runtime/system-runtime.ts';

/** Real sockets and time, all of which end at once at `kill()`, as if the process had been killed. */
export interface KillableRuntime {
  readonly runtime: Runtime;
  kill(): void;
}

export function killableRuntime(storage: Storage = memoryStorage()): KillableRuntime {
  const real = systemRuntime({ storage, log: silentLog });
  const ends: (() => void)[] = [];
  let dead = false;

  function killable(stream: ByteStream): ByteStream {
    ends.push(() => stream.destroy());
    const { start } = stream;
    return Object.create(stream, {
      start: {
        value: (events: Parameters<typeof start>[0]) =>
          start({
            onData: (bytes) => dead || events.onData(bytes),
            onConnect: () => dead || events.onConnect(),
            onDrain: () => dead || events.onDrain(),
            onEnd: () => dead || events.onEnd(),
            onClose: (error) => dead || events.onClose(error),
          }),
      },
    }) as ByteStream;
  }

  const runtime: Runtime = {
    ...real,
    clock: {
      ...real.clock,
      schedule: (delayMs, callback) => real.clock.schedule(delayMs, () => dead || callback()),
    },
    streams: {
      connect: (where, secure) => killable(real.streams.connect(where, secure)),
      async listen(where, onStream, secure) {
        const listener = await real.streams.listen(
          where,
          (stream, identity) => onStream(killable(stream), identity),
          secure,
        );
        ends.push(() => listener.close());
        return listener;
      },
    },
    datagrams: {
      async open(options) {
        const socket = await real.datagrams.open({
          ...options,
          onDatagram: (bytes, from) => dead || options.onDatagram(bytes, from),
        });
        ends.push(() => socket.close());
        return socket;
      },
    },
  };
  return {
    runtime,
    kill() {
      dead = true;
      for (const end of ends) end();
    },
  };
}
