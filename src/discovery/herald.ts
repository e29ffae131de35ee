import type { Beacon } from '../protocol/beacon.ts';
import { payloadBytesMax } from '../protocol/limits.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type BeaconFlags, createBeaconComposer } from './beacon-composer.ts';
import { createBeaconIntake, type HeardBeacon } from './beacon-intake.ts';
import { beaconSpacingMs, createBeaconPacer } from './beacon-pacer.ts';
import { type BeaconSockets, createBeaconSockets } from './beacon-sockets.ts';
import type { DiscoveryStatus } from './discovery-status.ts';
import type { Envelope } from './envelope.ts';
import { createOwnIdElsewhere } from './own-id-elsewhere.ts';
import { createSeekingAnswers } from './seeking-answers.ts';

/** Between the two copies of a goodbye, and between the second and the end of the sockets. */
const goodbyePauseMs = 20;

/** Sends this node's beacons and hears those of others. */
export interface Herald {
  /** Settles when every method has been tried once. Never rejects. */
  start(): Promise<void>;
  /** A beacon by every method, as soon as the spacing permits. */
  announce(): void;
  /** The payload of a beacon that came to the node port. */
  takeAnswer(payload: Uint8Array, from: SocketAddress): void;
  /** Whether its beacons get out, but to this host itself. */
  isHeardOutside(): boolean;
  status(): Pick<DiscoveryStatus, 'listeners' | 'beacons' | 'answers' | 'copies' | 'ignored'>;
  /** Settles when the goodbye, if any, is out and the sockets are closed. */
  stop(goodbye: boolean): Promise<void>;
}

export interface HeraldOptions {
  readonly runtime: Runtime;
  readonly cluster: string;
  readonly scope: 'loopback' | 'open';
  readonly beaconPort: number;
  readonly methods: ReadonlySet<'multicast' | 'broadcast'>;
  readonly envelope: Envelope;
  readonly isSeeking: () => boolean;
  readonly peerCount: () => number;
  readonly composeBeacon: (flags: BeaconFlags) => Beacon;
  readonly sendToNodePort: (to: SocketAddress, bytes: Uint8Array) => void;
  readonly onHeard: (heard: HeardBeacon) => void;
  readonly onInterfaceAppeared: () => void;
}

export function createHerald(options: HeraldOptions): Herald {
  const { runtime, cluster, scope, beaconPort, envelope, isSeeking, sendToNodePort } = options;
  const { clock, random } = runtime;
  const composer = createBeaconComposer(options.composeBeacon);
  const elsewhere = createOwnIdElsewhere(clock, runtime.log);
  const answers = createSeekingAnswers({
    clock,
    random,
    peerCount: options.peerCount,
    compose,
    sendToNodePort: (to, payload) => sendToNodePort(to, envelope.seal(payload, to)),
  });
  let answersHeard = 0;
  /** An interface that comes up right after a beacon gets the same one. */
  let latest: { readonly payload: Uint8Array; readonly at: number } | undefined;

  function compose(bytesMax = payloadBytesMax): Uint8Array | undefined {
    return composer.compose({ leaving: false, seeking: isSeeking() }, Math.min(bytesMax, payloadBytesMax));
  }

  /** The latest beacon if it is still new, else the next. */
  function current(): Uint8Array | undefined {
    if (latest !== undefined && clock.now() - latest.at < beaconSpacingMs) return latest.payload;
    const payload = compose();
    latest = payload === undefined ? undefined : { payload, at: clock.now() };
    return payload;
  }

  function sendNext(): void {
    latest = undefined;
    const payload = current();
    if (payload !== undefined) sockets.send(() => envelope.seal(payload));
  }

  const sockets = createBeaconSockets({
    runtime,
    scope,
    beaconPort,
    methods: options.methods,
    onDatagram: (bytes, from) => intake.takeDatagram(bytes, from),
    onOutletOpen(outlet) {
      const payload = current();
      if (payload !== undefined) outlet.send(envelope.seal(payload));
    },
    onInterfaceAppeared: options.onInterfaceAppeared,
  });
  const pacer = createBeaconPacer({ clock, random, isSeeking, peerCount: options.peerCount, send: sendNext });
  const intake = createBeaconIntake({
    clock,
    cluster,
    scope,
    beaconPort,
    envelope,
    ownership: (beacon) => composer.ownership(beacon),
    onOwnIdElsewhere: (beacon, from) => elsewhere.note(beacon, from),
    locate: (address) => sockets.locate(address),
    onHeard(heard) {
      if (heard.way === 'answer') answersHeard += 1;
      options.onHeard(heard);
      answers.consider(heard);
    },
  });

  return {
    start() {
      // The outlets send as they open, so this one goes nowhere yet; it begins the pauses.
      pacer.begin();
      return sockets.start();
    },
    announce: () => pacer.announce(),
    takeAnswer: (payload, from) => intake.takeAnswer(payload, from),
    isHeardOutside: () => sockets.isHeardOutside(),
    status: () => ({
      ...sockets.status((method, family, name) => intake.heardBy(method, family, name)),
      answers: { sent: answers.sent, heard: answersHeard },
      copies: elsewhere.copies(),
      ignored: intake.ignored(),
    }),
    async stop(goodbye) {
      pacer.stop();
      const farewell = goodbye ? composer.compose({ leaving: true, seeking: false }) : undefined;
      if (farewell !== undefined) await sayTwice(() => envelope.seal(farewell), sockets, clock);
      sockets.close();
    },
  };
}

/** Once might be lost; and a socket that is closed at once may not send at all. */
async function sayTwice(datagram: () => Uint8Array, sockets: BeaconSockets, clock: Clock): Promise<void> {
  for (let copies = 0; copies < 2; copies++) {
    sockets.send(datagram);
    await new Promise<void>((resume) => clock.schedule(goodbyePauseMs, resume));
  }
}
