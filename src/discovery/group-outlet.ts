import type { SocketAddress } from '../protocol/socket-address.ts';
import type { Clock } from '../runtime/clock.ts';
import type { DatagramSocket, Datagrams } from '../runtime/datagrams.ts';
import type { Attachment } from './attachment.ts';
import { type Condition, createCondition } from './condition.ts';
import { groupOf } from './group-of.ts';

/** A datagram that raised no error for this long has left. */
const errorDelayMs = 500;

/** How something is said to all on a link. `mdns` has its own port and groups. */
export type GroupMethod = 'multicast' | 'broadcast' | 'mdns';

/** Sends to all on a link by one method over one attachment, and mends itself when that fails. */
export interface GroupOutlet {
  readonly attachment: Attachment;
  readonly method: GroupMethod;
  readonly condition: Condition;
  readonly sent: number;
  /** Settles when the first attempt has. Never rejects. */
  open(): Promise<void>;
  /** To all, or to one. Does nothing while it is not open. */
  send(bytes: Uint8Array, to?: SocketAddress): void;
  /** To be called about once a second: opens anew when a failure's pause is over. */
  tick(): void;
  close(): void;
}

export interface GroupOutletOptions {
  readonly clock: Clock;
  readonly datagrams: Datagrams;
  readonly attachment: Attachment;
  readonly method: GroupMethod;
  /** Where all listen. */
  readonly port: number;
  /** It is open now, for the first time or again. */
  readonly onOpen: (outlet: GroupOutlet) => void;
  /** What comes back to where it sends from: answers to it alone. */
  readonly onDatagram: (bytes: Uint8Array, from: SocketAddress) => void;
}

export function createGroupOutlet(options: GroupOutletOptions): GroupOutlet {
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
    // After a failure only a datagram that got through shows that it works again.
    if (condition.state === 'starting') condition.succeed();
    options.onOpen(outlet);
  }

  const outlet: GroupOutlet = {
    attachment,
    method,
    condition,
    get sent() {
      return sent;
    },
    open,
    send(bytes, to = destination) {
      if (socket === undefined) return;
      sent += 1;
      sentAt ??= clock.now();
      socket.send(bytes, to);
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

function destinationOf({ attachment, method, port }: GroupOutletOptions): SocketAddress {
  if (method === 'broadcast') return { address: attachment.broadcast ?? '255.255.255.255', port };
  return { address: groupOf(method, attachment.family), port };
}

/**
 * Broadcasts leave from the beacon port, multicasts from another: so a receiver can tell them apart [P5]. What mDNS says
 * counts only when it comes from port 5353 (RFC 6762, 6), with a time to live that shows it was not routed (11).
 */
function openSocket(options: GroupOutletOptions, onError: (error: Error) => void): Promise<DatagramSocket> {
  const { attachment, method, port, onDatagram } = options;
  return options.datagrams.open({
    address: attachment.address,
    port: method === 'multicast' ? 0 : port,
    shared: method !== 'multicast',
    broadcast: method === 'broadcast',
    multicastInterface: method === 'broadcast' ? undefined : attachment.multicastInterface,
    ...(method === 'mdns' ? { ttl: 255 } : {}),
    onDatagram,
    onError,
  });
}
