import type { VirtualNode } from './virtual-node.ts';

/** What a node has in its tables beyond what the cluster can account for, one line each. To be asked at any time. */
export function checkBounds(nodes: readonly VirtualNode[], idsStarted: number): string[] {
  const found: string[] = [];
  for (const { name, node } of nodes) {
    if (node === undefined) continue;
    const { links, counters } = node.status();
    const count = (key: string): number => counters[`members.${key}`] ?? 0;
    const members = count('alive') + count('degraded') + count('suspect') + count('dead') + count('left');
    if (members >= idsStarted) found.push(`${name} knows ${members} others, and ${idsStarted} ids were ever started`);
    // Whoever knows this node may have dialled it before it knows them.
    if (links >= idsStarted) found.push(`${name} has ${links} links, and ${idsStarted} ids were ever started`);
    // A row, a record and a load for each id, and as many suspicions as accusers are counted.
    if (count('queued') > 8 * idsStarted) found.push(`${name} passes on ${count('queued')} news of ${idsStarted} ids`);
  }
  return found;
}

/**
 * Time of which a node says that it did not run, though it did, one line each: in the virtual world only the frozen are
 * late, once for each time. A node that takes itself for late does nothing by its own clock meanwhile.
 */
export function checkPunctual(nodes: readonly VirtualNode[]): string[] {
  const found: string[] = [];
  for (const { name, node, pauses, changedAt } of nodes) {
    const late = node?.status().counters['members.lateTicks'] ?? 0;
    const frozen = pauses.filter(({ from }) => from >= changedAt).length;
    if (late > frozen) found.push(`${name} was late ${late} times, and frozen ${frozen} times`);
  }
  return found;
}

/** Work that is still in hand where all callers have been told how theirs ended, one line each. */
export function checkIdle(nodes: readonly VirtualNode[]): string[] {
  const found: string[] = [];
  for (const { name, node } of nodes) {
    if (node === undefined) continue;
    const { exchangesInFlight, streamsOpen } = node.status();
    if (exchangesInFlight > 0) found.push(`${name} has ${exchangesInFlight} exchanges in flight`);
    if (streamsOpen > 0) found.push(`${name} has ${streamsOpen} streams open`);
  }
  return found;
}

/** What a node that was stopped has left behind in its process, one line each. */
export function checkStopped(nodes: readonly VirtualNode[]): string[] {
  const found: string[] = [];
  for (const { name, process } of nodes) {
    if (process?.alive !== true) continue;
    const { dueCount, openCount } = process;
    if (dueCount > 0) found.push(`${name} has ${dueCount} timers after its stop`);
    if (openCount > 0) found.push(`${name} has ${openCount} sockets after its stop`);
  }
  return found;
}
