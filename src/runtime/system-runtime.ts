import type { Log } from './log.ts';
import type { Runtime } from './runtime.ts';
import type { Storage } from './storage.ts';
import { systemClock } from './system-clock.ts';
import { systemDatagrams } from './system-datagrams.ts';
import { systemHostLoad } from './system-host-load.ts';
import { systemInterfaces } from './system-interfaces.ts';
import { systemMemory } from './system-memory.ts';
import { systemRandom } from './system-random.ts';
import { systemResolver } from './system-resolver.ts';
import { systemStreams } from './system-streams.ts';

export interface SystemRuntimeOptions {
  /** `systemStorage(directory)`, or `memoryStorage()` for a process that has no directory of its own. */
  storage: Storage;
  log: Log;
}

/** The real world: this machine's clock, sockets and interfaces. */
export function systemRuntime(options: SystemRuntimeOptions): Runtime {
  return {
    clock: systemClock(),
    random: systemRandom(),
    datagrams: systemDatagrams(),
    streams: systemStreams(),
    interfaces: systemInterfaces(),
    resolver: systemResolver(),
    storage: options.storage,
    hostLoad: systemHostLoad(),
    memory: systemMemory(),
    log: options.log,
  };
}
