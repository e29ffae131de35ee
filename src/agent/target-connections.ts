import { type ConnectionOwner, TargetConnection } from './target-connection.ts';
import type { TargetLocation } from './target-location.ts';

/** So many wait for the next request: a program's file descriptors are its own. */
export const idleConnectionsMax = 256;

/** Less than any usual server's keep-alive time: an idle connection is closed by this side, where no request is lost. */
const idleMsMax = 1_500;

/** Two frames of bulk: fewer system calls, and yet little that waits for credit beside what was read. */
const readBytesMax = 131_072;

/** The connections to one program. Who waits least is used first, so that those too many are closed. */
export interface TargetConnections {
  /** One that waits, or a new one. */
  take(): TargetConnection;
  /** `isUpgrade`: it may go over to another protocol. */
  open(isUpgrade: boolean): TargetConnection;
  /** Closes those that wait; those in use end with their work. */
  close(): void;
}

export function targetConnections({ host, port }: Pick<TargetLocation, 'host' | 'port'>): TargetConnections {
  const buffer = Buffer.allocUnsafeSlow(readBytesMax);
  const idle: TargetConnection[] = [];
  let isClosed = false;
  const owner: ConnectionOwner = {
    onFree(connection, forMs) {
      // The program's time may be over sooner there than here.
      const restMs = Math.min(idleMsMax, forMs / 2);
      if (isClosed || restMs < 1 || idle.length >= idleConnectionsMax) {
        connection.destroy();
        return;
      }
      connection.rest(restMs);
      idle.push(connection);
    },
    onGone(connection) {
      const at = idle.lastIndexOf(connection);
      if (at >= 0) idle.splice(at, 1);
    },
  };
  const open = (isUpgrade: boolean) => new TargetConnection({ host, port, buffer, isUpgrade }, owner);
  return {
    take: () => idle.pop() ?? open(false),
    open,
    close() {
      isClosed = true;
      for (const connection of idle.splice(0)) connection.destroy();
    },
  };
}
