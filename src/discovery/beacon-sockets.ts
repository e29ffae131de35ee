import type { SocketAddress } from '../protocol/socket-address.ts';
import type { Timer } from '../runtime/clock.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { selectAttachments } from './attachment.ts';
import type { GroupMethodStatus, ListenerStatus } from './discovery-status.ts';
import { createGroupListener, type GroupListener } from './group-listener.ts';
import { groupOf } from './group-of.ts';
import type { GroupOutlet } from './group-outlet.ts';
import { createInterfaceLocator, type Location } from './interface-locator.ts';
import { createOutletSet } from './outlet-set.ts';
import { outletStatus } from './outlet-status.ts';
import { toNextSecond } from './to-next-second.ts';

/** How soon a datagram from an unknown subnet may make it look again: an interface is often heard before it is seen. */
const lookAgainMs = 100;

/** All sockets of the beacon methods. They follow the interfaces of the host as these come and go. */
export interface BeaconSockets {
  /** Settles when everything has been tried once. Never rejects: what fails is tried again and stands in the status. */
  start(): Promise<void>;
  /** By every method, on every interface that works. Asked for each of them: sealed copies of a beacon differ. */
  send(datagram: () => Uint8Array): void;
  /** Whether anything gets out, but to this host itself. */
  isHeardOutside(): boolean;
  /** The interface an address belongs to; `undefined` when it is none of this host's neighbours. */
  locate(address: string): Location | undefined;
  status(heardBy: (method: 'multicast' | 'broadcast', family: 'ipv4' | 'ipv6', interfaceName: string) => number): {
    readonly listeners: readonly ListenerStatus[];
    readonly beacons: readonly GroupMethodStatus[];
  };
  close(): void;
}

export interface BeaconSocketsOptions {
  readonly runtime: Runtime;
  readonly scope: 'loopback' | 'open';
  readonly beaconPort: number;
  readonly methods: ReadonlySet<'multicast' | 'broadcast'>;
  readonly onDatagram: (bytes: Uint8Array, from: SocketAddress) => void;
  /** An outlet is open, for the first time or again: a beacon is due there. */
  readonly onOutletOpen: (outlet: GroupOutlet) => void;
  /** An interface has appeared after the start. */
  readonly onInterfaceAppeared: () => void;
}

export function createBeaconSockets(options: BeaconSocketsOptions): BeaconSockets {
  const { runtime, beaconPort, methods, scope, onOutletOpen, onInterfaceAppeared } = options;
  const { clock } = runtime;
  const listeners = createListeners(options);
  const outlets = createOutletSet({
    runtime,
    port: beaconPort,
    methods,
    onOpen: onOutletOpen,
    onDatagram() {},
  });
  let fingerprint = '';
  let locator = createInterfaceLocator([]);
  let lookedAt = Number.NEGATIVE_INFINITY;
  let timer: Timer | undefined;
  let closed = false;

  /** Takes note of the interfaces there are now. Returns the outlets that are new. */
  function follow(): readonly GroupOutlet[] {
    lookedAt = clock.now();
    const interfaces = runtime.interfaces.list();
    const current = JSON.stringify(interfaces);
    if (current === fingerprint) return [];
    fingerprint = current;
    locator = createInterfaceLocator(interfaces);
    const attachments = selectAttachments(interfaces, scope);
    if (methods.has('multicast')) for (const listener of listeners) listener.follow(attachments);
    return outlets.follow(attachments);
  }

  function statusOf(outlet: GroupOutlet, heard: number): GroupMethodStatus {
    const listener = listeners.find((one) => one.family === outlet.attachment.family);
    return outletStatus(outlet, listener, heard);
  }

  function look(): void {
    const added = follow();
    for (const outlet of added) void outlet.open();
    if (added.length > 0) onInterfaceAppeared();
  }

  /** Each second the interfaces are looked at, and what failed is tried again. */
  function tick(): void {
    timer = clock.schedule(toNextSecond(clock.now()), tick);
    for (const listener of listeners) listener.tick();
    for (const outlet of outlets.all()) outlet.tick();
    look();
  }

  return {
    async start() {
      // Listen before the first word is said, or the answers to it are lost.
      await Promise.all(listeners.map((listener) => listener.open()));
      if (closed) return;
      const added = follow();
      timer = clock.schedule(toNextSecond(clock.now()), tick);
      // What is said on a real interface this host hears too: loopback is opened by the first tick.
      const real = added.filter(({ attachment }) => !attachment.internal);
      await Promise.all((real.length > 0 ? real : added).map((outlet) => outlet.open()));
    },
    send(datagram) {
      for (const outlet of outlets.all()) outlet.send(datagram());
    },
    locate(address) {
      const known = locator.locate(address);
      if (known !== undefined || closed || clock.now() - lookedAt < lookAgainMs) return known;
      look();
      return locator.locate(address);
    },
    isHeardOutside() {
      for (const outlet of outlets.all()) {
        if (!outlet.attachment.internal && statusOf(outlet, 0).state === 'working') return true;
      }
      return false;
    },
    status: (heardBy) => ({
      listeners: listeners.map(({ family, condition: { state, lastError, since } }) => {
        return { family, state, lastError, since };
      }),
      beacons: Array.from(outlets.all(), (outlet) => {
        const { family, interface: name } = outlet.attachment;
        const method = outlet.method === 'broadcast' ? 'broadcast' : 'multicast';
        return statusOf(outlet, heardBy(method, family, name));
      }),
    }),
    close() {
      closed = true;
      timer?.cancel();
      for (const listener of listeners) listener.close();
      outlets.close();
    },
  };
}

/** Broadcasts are heard by the IPv4 listener too; IPv6 has none. */
function createListeners({ runtime, beaconPort, methods, onDatagram }: BeaconSocketsOptions): readonly GroupListener[] {
  const { clock, datagrams } = runtime;
  const families = methods.has('multicast') ? (['ipv4', 'ipv6'] as const) : (['ipv4'] as const);
  if (methods.size === 0) return [];
  return families.map((family) =>
    createGroupListener({
      clock,
      datagrams,
      family,
      port: beaconPort,
      group: groupOf('multicast', family),
      onDatagram,
    }),
  );
}
