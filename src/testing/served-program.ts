import type { ProvideOptions, Provision } from '../delivery/provider.ts';
import type { FogataNode } from '../node/node.ts';
import type { Timer } from '../runtime/clock.ts';
import type { History, NodeRun } from './history.ts';
import { createRecordedService } from './recorded-service.ts';
import type { VirtualProcess } from './virtual-host.ts';
import type { VirtualRandom } from './virtual-random.ts';

export interface ServedOptions {
  readonly history: History;
  readonly at: NodeRun;
  readonly node: FogataNode;
  readonly process: VirtualProcess;
  readonly random: VirtualRandom;
  readonly services: readonly string[];
  /** Mean pause between two changes of what is served. */
  readonly changeMs: number;
  /** Asked before each change: false puts it off. */
  readonly isWanted: () => boolean;
}

/** Few enough that callers are refused as busy now and then. */
const inFlightMax = 16;

/**
 * A program that serves, and changes now and then what it says of its services, or takes one away for a while. Returns how
 * to end the changes.
 */
export function startServed(options: ServedOptions): () => void {
  const { node, process, random, at } = options;
  const { clock } = process.runtime;
  const provider = createRecordedService(options.history, at, process);
  const provisions = new Map<string, Provision>();
  let version = 0;
  let timer: Timer | undefined;

  function provide(service: string): void {
    version += 1;
    const provideOptions: ProvideOptions = {
      kinds: { messages: true, http: true, streams: true },
      weight: 100,
      labels: { run: String(at.run), version: String(version) },
      inFlightMax,
    };
    provisions.set(service, node.provide(service, provider, provideOptions));
  }

  function change(): void {
    if (at.node.node !== node) return;
    timer = clock.schedule(-Math.log(1 - random.next()) * options.changeMs, change);
    const service = options.services[Math.floor(random.next() * options.services.length)];
    if (service === undefined || !options.isWanted()) return;
    const provision = provisions.get(service);
    if (provision === undefined) return;
    const draw = random.next();
    if (draw < 0.3) provision.setLoad(Math.round(random.next() * 100) / 100);
    else if (draw < 0.6) provision.setState(random.next() < 0.3 ? 'down' : 'up');
    else {
      provisions.delete(service);
      void provision.withdraw(500).then(() => {
        // Its node may have been stopped meanwhile.
        if (at.node.node === node) provide(service);
      });
    }
  }

  for (const service of options.services) provide(service);
  if (options.services.length > 0) timer = clock.schedule(random.next() * options.changeMs, change);
  return () => timer?.cancel();
}
