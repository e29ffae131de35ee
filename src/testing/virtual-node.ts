import { createNode } from '../node/create-node.ts';
import type { FogataNode } from '../node/node.ts';
import type { NodeOptions } from '../node/node-options.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Storage } from '../runtime/storage.ts';
import { createKeyRing, type KeyRing, openKeyRing } from '../trust/key-ring.ts';
import { storeRing } from '../trust/ring-file.ts';
import type { RingState } from '../trust/ring-state.ts';
import type { VirtualHost, VirtualProcess } from './virtual-host.ts';
import type { World } from './world.ts';

/** A time in which a program did not run although it was alive. `to` is Infinity while it lasts. */
export interface Pause {
  readonly from: number;
  to: number;
}

/** One node of a virtual cluster, over all its starts: the real node's code in a process of its own host. */
export interface VirtualNode {
  readonly name: string;
  readonly host: VirtualHost;
  /** Undefined while it is not running, and from a start until its sockets are open. */
  readonly node: FogataNode | undefined;
  /** The latest process, running or not; undefined before the first start. */
  readonly process: VirtualProcess | undefined;
  /** Starts so far. */
  readonly run: number;
  /** Virtual milliseconds of the latest start or end. */
  readonly changedAt: number;
  readonly pauses: readonly Pause[];
  start(): void;
  /** As `kill -9`. */
  crash(): void;
  /** Orderly: the node withdraws its services and says goodbye. */
  stop(graceMs?: number): Promise<void>;
  powerOff(): void;
  powerOn(): void;
  freeze(): void;
  thaw(): void;
  /** The next start finds an empty disk: the node comes back under another id. */
  wipeDisk(): void;
}

export interface VirtualNodeOptions {
  readonly world: World;
  readonly host: VirtualHost;
  readonly nodeOptions: NodeOptions;
  /** The ring of a node whose disk holds none; `undefined`: it has no key. */
  readonly ring?: (() => Promise<RingState>) | undefined;
  /** What a node is given in place of its process's runtime. */
  readonly runtimeOf?: ((runtime: Runtime) => Runtime) | undefined;
  /** The node is up: the place to offer services and to start programs. */
  readonly onStarted: (virtual: VirtualNode, node: FogataNode, process: VirtualProcess) => void;
  /** It could not start. */
  readonly onFailed: (virtual: VirtualNode, error: unknown) => void;
}

export function createVirtualNode(options: VirtualNodeOptions): VirtualNode {
  const { world, host, nodeOptions } = options;
  const pauses: Pause[] = [];
  let process: VirtualProcess | undefined;
  let node: FogataNode | undefined;
  let run = 0;
  let disk = 1;
  let changedAt = 0;

  function over(): void {
    node = undefined;
    changedAt = world.nowMs;
    endPause();
  }

  function endPause(): void {
    const last = pauses.at(-1);
    if (last?.to === Number.POSITIVE_INFINITY) last.to = world.nowMs;
  }

  async function begin(started: VirtualProcess): Promise<void> {
    try {
      const runtime = options.runtimeOf?.(started.runtime) ?? started.runtime;
      const keyRing = await ringOf(runtime.storage, options.ring);
      const created = await createNode({ ...nodeOptions, keyRing }, runtime);
      if (process !== started || !started.alive) return;
      node = created;
      options.onStarted(virtual, created, started);
    } catch (error) {
      options.onFailed(virtual, error);
    }
  }

  const virtual: VirtualNode = {
    name: nodeOptions.name,
    host,
    get node() {
      return node;
    },
    get process() {
      return process;
    },
    get run() {
      return run;
    },
    get changedAt() {
      return changedAt;
    },
    pauses,
    start() {
      if (process?.alive === true) throw new Error(`${nodeOptions.name} is running`);
      if (!host.powered) host.powerOn();
      run += 1;
      changedAt = world.nowMs;
      // Each program name has a directory of its own: another name is another disk.
      process = host.start(`disk${disk}`);
      void begin(process);
    },
    crash() {
      process?.kill();
      over();
    },
    async stop(graceMs = 1_000) {
      const stopping = node;
      const ending = process;
      if (stopping === undefined || ending === undefined) return;
      over();
      await stopping.stop(graceMs);
    },
    powerOff() {
      host.powerOff();
      over();
    },
    powerOn: () => host.powerOn(),
    freeze() {
      if (process?.alive !== true || process.frozen) return;
      process.freeze();
      pauses.push({ from: world.nowMs, to: Number.POSITIVE_INFINITY });
    },
    thaw() {
      process?.thaw();
      endPause();
    },
    wipeDisk() {
      disk += 1;
    },
  };
  return virtual;
}

async function ringOf(storage: Storage, ring: VirtualNodeOptions['ring']): Promise<KeyRing | undefined> {
  if (ring === undefined) return undefined;
  const stored = await openKeyRing(storage).catch(() => undefined);
  if (stored !== undefined) return stored;
  const first = await ring();
  try {
    await storeRing(storage, first);
  } catch {
    // Its disk fails now: somebody starts it again and again until it does not.
  }
  return createKeyRing(first, storage);
}

/** Milliseconds between two times in which the node was frozen. */
export function pausedMs(virtual: VirtualNode, from: number, to: number): number {
  let total = 0;
  for (const pause of virtual.pauses) total += Math.max(0, Math.min(to, pause.to) - Math.max(from, pause.from));
  return total;
}
