import type { NodeId } from '../protocol/ids.ts';

/** Nodes to which each node keeps a link, so that its death breaks as many, and as many of those that watch it. */
export const watchedMax = 3;

/**
 * [M12] Whom a node watches: those with the next ids, and after the highest the lowest. Everybody who knows the same
 * members knows the same ring, so both ends of a link know what it is for.
 */
export function watchedBy(self: NodeId, others: Iterable<NodeId>, count = watchedMax): NodeId[] {
  const after: NodeId[] = [];
  const before: NodeId[] = [];
  for (const id of others) if (id !== self) keepSmallest(id > self ? after : before, id, count);
  return [...after, ...before].slice(0, count);
}

function keepSmallest(list: NodeId[], id: NodeId, count: number): void {
  let at = list.length;
  while (at > 0 && (list[at - 1] as NodeId) > id) at--;
  if (at >= count) return;
  list.splice(at, 0, id);
  list.length = Math.min(list.length, count);
}
