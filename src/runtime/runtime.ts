import type { Clock } from './clock.ts';
import type { Datagrams } from './datagrams.ts';
import type { HostLoad } from './host-load.ts';
import type { Interfaces } from './interfaces.ts';
import type { Log } from './log.ts';
import type { Memory } from './memory.ts';
import type { Random } from './random.ts';
import type { Resolver } from './resolver.ts';
import type { Storage } from './storage.ts';
import type { Streams } from './streams.ts';

/** Everything a node touches of the world outside. The system one is real; the virtual one is the simulator. */
export interface Runtime {
  readonly clock: Clock;
  readonly random: Random;
  readonly datagrams: Datagrams;
  readonly streams: Streams;
  readonly interfaces: Interfaces;
  readonly resolver: Resolver;
  readonly storage: Storage;
  readonly hostLoad: HostLoad;
  readonly memory: Memory;
  readonly log: Log;
}
