import type { Clock } from '../runtime/clock.ts';
import type { DatagramSocket } from '../runtime/datagrams.ts';
import type { Attachment } from './attachment.ts';
import { type Condition, createCondition } from './condition.ts';

/** In which interfaces' multicast group a socket of one family is, or is trying to be. */
export interface GroupMemberships {
  /** All groups are joined anew on this socket; `undefined`: there is none at present. */
  use(socket: DatagramSocket | undefined): void;
  /** Joins on these attachments of its family, and leaves on others. */
  follow(attachments: readonly Attachment[]): void;
  /** Tries again what failed and whose pause is over. */
  tick(): void;
  /** Why the group could not be joined there; `undefined` where it was, or was not tried. */
  joinError(attachment: Attachment): string | undefined;
}

interface Membership {
  readonly multicastInterface: string;
  readonly condition: Condition;
}

export function createGroupMemberships(clock: Clock, family: 'ipv4' | 'ipv6', group: string): GroupMemberships {
  const memberships = new Map<string, Membership>();
  let socket: DatagramSocket | undefined;

  function join({ multicastInterface, condition }: Membership): void {
    if (socket === undefined) return;
    try {
      socket.joinGroup(group, multicastInterface);
      condition.succeed();
    } catch (error) {
      condition.fail(error);
    }
  }

  return {
    use(next) {
      socket = next;
      for (const membership of memberships.values()) join(membership);
    },
    follow(attachments) {
      const wanted = new Map(attachments.filter((one) => one.family === family).map((one) => [one.key, one]));
      for (const [key, { multicastInterface }] of memberships) {
        if (wanted.has(key)) continue;
        memberships.delete(key);
        socket?.leaveGroup(group, multicastInterface);
      }
      for (const [key, { multicastInterface }] of wanted) {
        if (memberships.has(key)) continue;
        const membership: Membership = { multicastInterface, condition: createCondition(clock) };
        memberships.set(key, membership);
        join(membership);
      }
    },
    tick() {
      for (const membership of memberships.values()) {
        if (membership.condition.state === 'failing' && membership.condition.isRetryDue()) join(membership);
      }
    },
    joinError(attachment) {
      const condition = memberships.get(attachment.key)?.condition;
      return condition?.state === 'failing' ? condition.lastError : undefined;
    },
  };
}
