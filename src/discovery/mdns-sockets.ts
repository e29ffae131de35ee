import { mdnsPort } from '../protocol/limits.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import type { NetworkInterface } from '../runtime/interfaces.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type Attachment, selectAttachments } from './attachment.ts';
import type { GroupMethodStatus, ListenerStatus } from './discovery-status.ts';
import { createGroupListener } from './group-listener.ts';
import { groupOf } from './group-of.ts';
import type { GroupOutlet } from './group-outlet.ts';
import { createInterfaceLocator } from './interface-locator.ts';
import { createOutletSet } from './outlet-set.ts';
import { outletStatus } from './outlet-status.ts';

const families = ['ipv4', 'ipv6'] as const;

/** All sockets of mDNS: on each interface one outlet of each family, from port 5353, which others of the host have too. */
export interface MdnsSockets {
  readonly outlets: Iterable<GroupOutlet>;
  /** As they were last seen. */
  readonly interfaces: readonly NetworkInterface[];
  /** Settles when everything has been tried once. Never rejects. */
  start(): Promise<void>;
  /** To be called about once a second: follows the interfaces, and tries again what failed. */
  tick(): void;
  status(heardOn: (outlet: GroupOutlet) => number): {
    readonly listeners: readonly ListenerStatus[];
    readonly outlets: readonly GroupMethodStatus[];
  };
  close(): void;
}

export interface MdnsSocketsOptions {
  readonly runtime: Runtime;
  /** `outlet` is that of the interface and the family it came in on. What comes from no neighbour is dropped (RFC 6762, 11). */
  readonly onDatagram: (bytes: Uint8Array, from: SocketAddress, outlet: GroupOutlet) => void;
  readonly onOutletOpen: (outlet: GroupOutlet) => void;
  /** An interface has another address than before. */
  readonly onChange: () => void;
}

export function createMdnsSockets({ runtime, onDatagram, onOutletOpen, onChange }: MdnsSocketsOptions): MdnsSockets {
  const { clock, datagrams } = runtime;
  let interfaces: readonly NetworkInterface[] = [];
  let fingerprint = '';
  let locator = createInterfaceLocator([]);

  function receive(bytes: Uint8Array, from: SocketAddress): void {
    const name = locator.locate(from.address)?.interface;
    const family = from.address.includes(':') ? 'ipv6' : 'ipv4';
    for (const outlet of outlets.all()) {
      const { attachment } = outlet;
      if (attachment.interface !== name || attachment.family !== family) continue;
      onDatagram(bytes, from, outlet);
      return;
    }
  }

  const methods = new Set(['mdns'] as const);
  const outlets = createOutletSet({ runtime, port: mdnsPort, methods, onOpen: onOutletOpen, onDatagram: receive });
  const listeners = families.map((family) => {
    const group = groupOf('mdns', family);
    return createGroupListener({ clock, datagrams, family, port: mdnsPort, group, onDatagram: receive });
  });

  /** Returns the outlets that are new; `undefined` when all is as it was. */
  function follow(): readonly GroupOutlet[] | undefined {
    const current = runtime.interfaces.list();
    const print = JSON.stringify(current);
    if (print === fingerprint) return undefined;
    fingerprint = print;
    interfaces = current;
    locator = createInterfaceLocator(current);
    const attachments = onePerLink(selectAttachments(current, 'open'));
    for (const listener of listeners) listener.follow(attachments);
    return outlets.follow(attachments);
  }

  return {
    get outlets() {
      return outlets.all();
    },
    get interfaces() {
      return interfaces;
    },
    async start() {
      follow();
      await Promise.all(listeners.map((listener) => listener.open()));
      await Promise.all(Array.from(outlets.all(), (outlet) => outlet.open()));
    },
    tick() {
      for (const listener of listeners) listener.tick();
      for (const outlet of outlets.all()) outlet.tick();
      const added = follow();
      if (added === undefined) return;
      onChange();
      for (const outlet of added) void outlet.open();
    },
    status(heardOn) {
      // What there will be can be told before it is opened.
      if (fingerprint === '') follow();
      return {
        listeners: listeners.map(({ family, condition: { state, lastError, since } }) => {
          return { family, state, lastError, since };
        }),
        outlets: Array.from(outlets.all(), (outlet) => {
          const listener = listeners.find((one) => one.family === outlet.attachment.family);
          return outletStatus(outlet, listener, heardOn(outlet));
        }),
      };
    },
    close() {
      for (const listener of listeners) listener.close();
      outlets.close();
    },
  };
}

/** One voice for each interface and family, whatever addresses it has: the second would only repeat the first. */
function onePerLink(attachments: readonly Attachment[]): readonly Attachment[] {
  const links = new Map<string, Attachment>();
  for (const one of attachments) {
    const link = `${one.interface} ${one.family}`;
    if (!one.internal && !links.has(link)) links.set(link, one);
  }
  return [...links.values()];
}
