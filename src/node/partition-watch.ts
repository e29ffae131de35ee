import type { Membership } from '../membership/membership.ts';
import { isHealed, type Partition, partitionsOf } from '../membership/partition.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import { isPresent } from './node-views.ts';

/** Notices partitions and their end [M17], each once. */
export interface PartitionWatch {
  /** Those that are not healed, the earliest first. */
  current(): readonly Partition[];
  /** Somebody's state has changed. */
  changed(): void;
  stop(): void;
}

export interface PartitionWatchEvents {
  onParted(partition: Partition): void;
  onHealed(partition: Partition): void;
}

/** The members of the other side die within some seconds of each other: they are told together. */
const settleMs = 3_000;
/** Once healing has begun the rest of that side follows within this. */
const returnMs = 500;

export function createPartitionWatch(
  clock: Clock,
  membership: Membership,
  events: PartitionWatchEvents,
): PartitionWatch {
  let current: Partition[] = [];
  let timer: Timer | undefined;

  function look(): void {
    timer = undefined;
    const isBack = (id: Partition['there'][number]) => isPresent(membership.get(id)?.state ?? 'left');
    const healed = current.filter((partition) => isHealed(partition, isBack));
    current = current.filter((partition) => !healed.includes(partition));
    for (const partition of healed) events.onHealed(partition);
    for (const partition of partitionsOf(membership.members())) take(partition);
  }

  /** It is told when nobody has died of it for a while; who dies later is of it too, and no news. */
  function take(partition: Partition): void {
    const known = current.findIndex(({ there }) => there.some((id) => partition.there.includes(id)));
    if (known >= 0) {
      current[known] = partition;
    } else if (clock.now() - partition.until < settleMs) {
      timer ??= clock.schedule(settleMs, look);
    } else {
      current.push(partition);
      events.onParted(partition);
    }
  }

  return {
    current: () => current,
    changed() {
      timer ??= clock.schedule(current.length > 0 ? returnMs : settleMs, look);
    },
    stop: () => timer?.cancel(),
  };
}
