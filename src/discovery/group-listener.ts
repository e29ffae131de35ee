import type { SocketAddress } from '../protocol/socket-address.ts';
import type { Clock } from '../runtime/clock.ts';
import type { DatagramSocket, Datagrams } from '../runtime/datagrams.ts';
import type { Attachment } from './attachment.ts';
import { type Condition, createCondition } from './condition.ts';
import { createGroupMemberships } from './group-memberships.ts';

/** Hears what is said to all, of one family on all interfaces, by one socket that is shared with others of this host [P3]. */
export interface GroupListener {
  readonly family: 'ipv4' | 'ipv6';
  readonly condition: Condition;
  /** Settles when the first attempt has. Never rejects. */
  open(): Promise<void>;
  /** Joins the multicast group on these attachments of its family, and leaves it on others. */
  follow(attachments: readonly Attachment[]): void;
  /** Why the group could not be joined there; `undefined` where it was, or was not tried. */
  joinError(attachment: Attachment): string | undefined;
  /** To be called about once a second: tries again what failed. */
  tick(): void;
  close(): void;
}

export interface GroupListenerOptions {
  readonly clock: Clock;
  readonly datagrams: Datagrams;
  readonly family: 'ipv4' | 'ipv6';
  readonly port: number;
  readonly group: string;
  readonly onDatagram: (bytes: Uint8Array, from: SocketAddress) => void;
}

export function createGroupListener(options: GroupListenerOptions): GroupListener {
  const { clock, family } = options;
  const condition = createCondition(clock);
  const memberships = createGroupMemberships(clock, family, options.group);
  let socket: DatagramSocket | undefined;
  let opening = false;
  let closed = false;

  function fail(error: unknown): void {
    condition.fail(error);
    drop();
  }

  function drop(): void {
    socket?.close();
    socket = undefined;
    memberships.use(undefined);
  }

  async function open(): Promise<void> {
    opening = true;
    try {
      socket = await openSocket(options, fail);
      condition.succeed();
      if (closed) drop();
      else memberships.use(socket);
    } catch (error) {
      fail(error);
    }
    opening = false;
  }

  return {
    family,
    condition,
    open,
    follow: (attachments) => memberships.follow(attachments),
    joinError: (attachment) => memberships.joinError(attachment),
    tick() {
      if (closed || opening) return;
      if (socket !== undefined) memberships.tick();
      else if (condition.isRetryDue()) void open();
    },
    close() {
      closed = true;
      drop();
    },
  };
}

function openSocket(options: GroupListenerOptions, onError: (error: Error) => void): Promise<DatagramSocket> {
  const { family, port, onDatagram } = options;
  return options.datagrams.open({
    address: family === 'ipv4' ? '0.0.0.0' : '::',
    port,
    shared: true,
    broadcast: false,
    multicastInterface: undefined,
    onDatagram,
    onError,
  });
}
