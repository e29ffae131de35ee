import type { SocketAddress } from '../protocol/socket-address.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Attachment } from './attachment.ts';
import { createGroupOutlet, type GroupMethod, type GroupOutlet } from './group-outlet.ts';

/** One outlet for each method on each attachment. */
export interface OutletSet {
  /** Closes those whose attachment is gone, and makes those that are missing. Returns these, not yet open. */
  follow(attachments: readonly Attachment[]): readonly GroupOutlet[];
  all(): Iterable<GroupOutlet>;
  close(): void;
}

export interface OutletSetOptions {
  readonly runtime: Runtime;
  readonly port: number;
  readonly methods: ReadonlySet<GroupMethod>;
  readonly onOpen: (outlet: GroupOutlet) => void;
  readonly onDatagram: (bytes: Uint8Array, from: SocketAddress) => void;
}

export function createOutletSet({ runtime, port, methods, onOpen, onDatagram }: OutletSetOptions): OutletSet {
  const { clock, datagrams } = runtime;
  const outlets = new Map<string, GroupOutlet>();
  return {
    follow(attachments) {
      const wanted = new Set<string>();
      const added: GroupOutlet[] = [];
      for (const attachment of attachments) {
        for (const method of methods) {
          if (method === 'broadcast' && attachment.broadcast === undefined) continue;
          const key = `${method} ${attachment.key}`;
          wanted.add(key);
          if (outlets.has(key)) continue;
          const outlet = createGroupOutlet({ clock, datagrams, attachment, method, port, onOpen, onDatagram });
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
