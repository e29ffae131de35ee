import { clusterTag } from '../protocol/cluster-tag.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import type { Timer } from '../runtime/clock.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { MdnsStatus } from './discovery-status.ts';
import type { GroupOutlet } from './group-outlet.ts';
import { createMdnsBrowser } from './mdns-browser.ts';
import { createMdnsIntake } from './mdns-intake.ts';
import type { MdnsRecord } from './mdns-packet.ts';
import { addressesOn, instanceOf, mdnsRecords } from './mdns-records.ts';
import { createMdnsResponder, type MdnsResponder } from './mdns-responder.ts';
import { createMdnsSockets } from './mdns-sockets.ts';
import { toNextSecond } from './to-next-second.ts';

/** Between the goodbye and the end of the sockets. */
const goodbyePauseMs = 20;

/** Names tried before this node gives up being announced: somebody contests them all. */
const namesMax = 5;

/** Announces this node as `_fogata._udp` by mDNS, and looks for others (RFC 6762, RFC 6763). Only on real interfaces. */
export interface Mdns {
  /** Settles when every interface has been tried once. Never rejects. */
  start(): Promise<void>;
  lookNow(): void;
  status(): MdnsStatus;
  stop(how: { readonly goodbye: boolean }): Promise<void>;
}

export interface MdnsOptions {
  readonly runtime: Runtime;
  readonly cluster: string;
  readonly node: NodeId;
  readonly nodePort: number;
  readonly isSeeking: () => boolean;
  readonly isReached: (where: SocketAddress) => boolean;
  readonly onAddress: (where: SocketAddress, interfaceName: string, instance: string) => void;
}

export function createMdns(options: MdnsOptions): Mdns {
  const { runtime, cluster, node, nodePort } = options;
  const { clock, random } = runtime;
  const tag = Buffer.from(clusterTag(cluster)).toString('hex');
  const responders = new Map<GroupOutlet, MdnsResponder>();
  const heard = new Map<string, number>();
  const intake = createMdnsIntake(node);
  let names = 1;
  let timer: Timer | undefined;
  let stopped = false;

  const label = () => (names === 1 ? node : `${node}-${names}`);

  function recordsOn(interfaceName: string): readonly MdnsRecord[] {
    const texts = ['v=1', `id=${node}`, `c=${tag}`];
    return mdnsRecords({ label: label(), port: nodePort, texts }, addressesOn(sockets.interfaces, interfaceName));
  }

  function conflict(): void {
    if (names === namesMax) return;
    names += 1;
    runtime.log.warn('somebody else has the mDNS name of this node: it takes another', { name: instanceOf(label()) });
    for (const responder of responders.values()) responder.begin();
  }

  function respondOn(outlet: GroupOutlet): void {
    responders.get(outlet)?.stop();
    const { interface: interfaceName } = outlet.attachment;
    const responder = createMdnsResponder({
      clock,
      random,
      records: () => recordsOn(interfaceName),
      send: (message, to) => outlet.send(message, to),
      isUrgent: options.isSeeking,
      onConflict: conflict,
    });
    responders.set(outlet, responder);
    responder.begin();
  }

  /** Outlets that are gone speak no more; to those that are left there is something new to say. */
  function change(): void {
    const current = new Set(sockets.outlets);
    for (const [outlet, responder] of responders) {
      if (current.has(outlet)) responder.begin();
      else {
        responder.stop();
        responders.delete(outlet);
      }
    }
  }

  function receive(bytes: Uint8Array, from: SocketAddress, outlet: GroupOutlet): void {
    const message = stopped ? undefined : intake.take(bytes, clock.now());
    if (message === undefined) return;
    const { interface: interfaceName, family } = outlet.attachment;
    const isHere = addressesOn(sockets.interfaces, interfaceName).includes(from.address.replace(/%.*$/, ''));
    if (!isHere) heard.set(`${interfaceName} ${family}`, (heard.get(`${interfaceName} ${family}`) ?? 0) + 1);
    responders.get(outlet)?.hear(message, from);
    browser.hear(message, { link: outlet.attachment, port: from.port, isHere });
  }

  const sockets = createMdnsSockets({
    runtime,
    onDatagram: receive,
    onOutletOpen(outlet) {
      if (stopped) return;
      respondOn(outlet);
      browser.lookNow();
    },
    onChange: change,
  });
  const browser = createMdnsBrowser({
    clock,
    random,
    tag,
    isSeeking: options.isSeeking,
    ownInstance: () => instanceOf(label()),
    ownPointer() {
      const isAnnounced = Array.from(responders.values()).some((responder) => responder.isAnnounced);
      return isAnnounced ? recordsOn('')[0] : undefined;
    },
    isReached: options.isReached,
    send(message, isWanted) {
      for (const outlet of sockets.outlets) if (isWanted(outlet.attachment)) outlet.send(message);
    },
    onAddress: options.onAddress,
  });

  function tick(): void {
    timer = clock.schedule(toNextSecond(clock.now()), tick);
    sockets.tick();
    browser.tick();
  }

  return {
    start() {
      timer = clock.schedule(toNextSecond(clock.now()), tick);
      return sockets.start();
    },
    lookNow: () => browser.lookNow(),
    status() {
      const { listeners, outlets } = sockets.status(({ attachment: { interface: name, family } }) => {
        return heard.get(`${name} ${family}`) ?? 0;
      });
      return { instance: label(), listeners, outlets, found: browser.found() };
    },
    async stop({ goodbye }) {
      stopped = true;
      timer?.cancel();
      browser.stop();
      if (goodbye) {
        for (const responder of responders.values()) responder.goodbye();
        await new Promise<void>((resume) => clock.schedule(goodbyePauseMs, resume));
      }
      for (const responder of responders.values()) responder.stop();
      sockets.close();
    },
  };
}
