import type { Runtime } from '../runtime/runtime.ts';
import type { Attachment } from './attachment.ts';
import { type BeaconOutlet, createBeaconOutlet } from './beacon-outlet.ts';

/** One outlet for each method on each attachment. */
export interface OutletSet {
  /** Closes those whose attachment is gone, and makes those that are missing. Returns these, not yet open. */
  follow(attachments: readonly Attachment[]): readonly BeaconOutlet[];
  all(): Iterable<BeaconOutlet>;
  close(): void;
}

export interface OutletSetOptions {
  readonly runtime: Runtime;
  readonly beaconPort: number;
  readonly methods: ReadonlySet<'multicast' | 'broadcast'>;
  readonly onOpen: (outlet: BeaconOutlet) => void;
}

export function createOutletSet({ runtime, beaconPort, methods, onOpen }: OutletSetOptions): OutletSet {
  const { clock, datagrams } = runtime;
  const outlets = new Map<string, BeaconOutlet>();
  return {
    follow(attachments) {
      const wanted = new Set<string>();
      const added: BeaconOutlet[] = [];
      for (const attachment of attachments) {
        for (const method of methods) {
          if (method === 'broadcast' && attachment.broadcast === undefined) continue;
          const key = `${method} ${attachment.key}`;
          wanted.add(key);
          if (outlets.has(key)) continue;
          const outlet = createBeaconOutlet({ clock, datagrams, attachment, method, beaconPort, onOpen });
          outlets.set(key, outlet);
          added.push(outlet);
        }
      }
      for (const [key, outlet] of outlets) {
        if (wanted.has(key)) continue;
        outlet.close();
        outlets.delete(key);
      }
      return added;
    },
    all: () => outlets.values(),
    close() {
      for (const outlet of outlets.values()) outlet.close();
      outlets.clear();
    },
  };
}
