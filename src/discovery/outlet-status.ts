import type { GroupMethodStatus } from './discovery-status.ts';
import type { GroupListener } from './group-listener.ts';
import type { GroupOutlet } from './group-outlet.ts';

/** How one method does on one interface: what is sent there, and whether the listener of its family hears there. */
export function outletStatus(
  outlet: GroupOutlet,
  listener: GroupListener | undefined,
  heard: number,
): GroupMethodStatus {
  const { attachment, method, condition, sent } = outlet;
  const joinError = method === 'broadcast' ? undefined : listener?.joinError(attachment);
  return {
    method,
    interface: attachment.interface,
    family: attachment.family,
    address: attachment.address,
    internal: attachment.internal,
    state: joinError === undefined ? condition.state : 'failing',
    sent,
    heard,
    lastError: joinError ?? condition.lastError,
    since: condition.since,
  };
}
