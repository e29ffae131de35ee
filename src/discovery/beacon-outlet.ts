import { beaconGroupIpv4, beaconGroupIpv6 } from '../protocol/limits.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import type { Clock } from '../runtime/clock.ts';
import type { DatagramSocket, Datagrams } from '../runtime/datagrams.ts';
import type { Attachment } from './attachment.ts';
import { type Condition, createCondition } from './condition.ts';

/** A beacon that raised no error for this long has left. */
const errorDelayMs = 500;

/** Sends beacons by one method over one attachment, and mends itself when that fails. */
export interface BeaconOutlet {
  readonly attachment: Attachment;
  readonly method: 'multicast' | 'broadcast';
  readonly condition: Condition;
  readonly sent: number;
  /** Settles when the first attempt has. Never rejects. */
  open(): Promise<void>;
  /** Does nothing while it is not open. */
  send(bytes: Uint8Array): void;
  /** To be called about once a second: opens anew when a failure's pause is over. */
  tick(): void;
  close(): void;
}

export interface BeaconOutletOptions {
  readonly clock: Clock;
  readonly datagrams: Datagrams;
  readonly attachment: Attachment;
  readonly method: 'multicast' | 'broadcast';
  readonly beaconPort: number;
  /** It is open now, for the first time or again: a beacon is due here. */
  readonly onOpen: (outlet: BeaconOutlet) => void;
}

export function createBeaconOutlet(options: BeaconOutletOptions): BeaconOutlet {
  const { clock, attachment, method } = options;
  const destination = destinationOf(options);
  const condition = createCondition(clock);
  let socket: DatagramSocket | undefined;
  let opening = false;
  let closed = false;
  let sent = 0;
  let sentAt: number | undefined;

  function fail(error: unknown): void {
    condition.fail(error);
    socket?.close();
    socket = undefined;
  }

  async function open(): Promise<void> {
    opening = true;
    sentAt = undefined;
    try {
      const opened = await openSocket(options, fail);
      if (closed) {
        opened.close();
        return;
      }
      socket = opened;
    } catch (error) {
      if (!closed) fail(error);
      return;
    } finally {
      opening = false;
    }
    // After a failure only a beacon that got through shows that it works again.
    if (condition.state === 'starting') condition.succeed();
    options.onOpen(outlet);
  }

  const outlet: BeaconOutlet = {
    attachment,
    method,
    condition,
    get sent() {
      return sent;
    },
    open,
    send(bytes) {
      if (socket === undefined) return;
      sent += 1;
      sentAt ??= clock.now();
      socket.send(bytes, destination);
    },
    tick() {
      if (closed || opening) return;
      if (socket === undefined) {
        if (condition.isRetryDue()) void open();
      } else if (sentAt !== undefined && clock.now() - sentAt >= errorDelayMs) condition.succeed();
    },
    close() {
      closed = true;
      socket?.close();
      socket = undefined;
    },
  };
  return outlet;
}

function destinationOf({ attachment, method, beaconPort }: BeaconOutletOptions): SocketAddress {
  if (method === 'broadcast') return { address: attachment.broadcast ?? '255.255.255.255', port: beaconPort };
  return { address: attachment.family === 'ipv4' ? beaconGroupIpv4 : beaconGroupIpv6, port: beaconPort };
}

/** Broadcasts leave from the beacon port, multicasts from another: so a receiver can tell them apart [P5]. */
function openSocket(options: BeaconOutletOptions, onError: (error: Error) => void): Promise<DatagramSocket> {
  const { attachment, method, beaconPort } = options;
  const broadcast = method === 'broadcast';
  return options.datagrams.open({
    address: attachment.address,
    port: broadcast ? beaconPort : 0,
    shared: broadcast,
    broadcast,
    multicastInterface: broadcast ? undefined : attachment.multicastInterface,
    onDatagram() {},
    onError,
  });
}
