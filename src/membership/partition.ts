import type { NodeId } from '../protocol/ids.ts';
import type { Member } from './member.ts';

/** Those on the other side of a partition, as far as this side can tell [M17]. */
export interface Partition {
  /** Monotonic milliseconds of the first death among them. */
  readonly since: number;
  /** Of the last. */
  readonly until: number;
  /** In the order of their deaths. */
  readonly there: readonly NodeId[];
}

/** Deaths further apart are not of one cause: each side needs about so long to be sure of all of the other. */
const togetherMs = 5_000;

/** One host that falls silent is a host that fell silent. */
const leastMembers = 2;

/** Groups of members that fell silent together. Processes that were found gone are none of a partition's. */
export function partitionsOf(members: Iterable<Member>): Partition[] {
  const silent: Member[] = [];
  for (const member of members) if (member.state === 'dead' && member.cause !== 'refused') silent.push(member);
  silent.sort((a, b) => a.since - b.since);
  const groups: Member[][] = [];
  for (const member of silent) {
    const last = groups.at(-1)?.at(-1);
    if (last !== undefined && member.since - last.since <= togetherMs) groups.at(-1)?.push(member);
    else groups.push([member]);
  }
  return groups
    .filter((group) => group.length >= leastMembers)
    .map((group) => ({
      since: group[0]?.since ?? 0,
      until: group.at(-1)?.since ?? 0,
      there: group.map(({ id }) => id),
    }));
}

/** Whether so many are back that it is over: whoever is still missing then is missing for a reason of its own. */
export function isHealed(partition: Partition, isBack: (id: NodeId) => boolean): boolean {
  return partition.there.filter(isBack).length * 2 >= partition.there.length;
}
