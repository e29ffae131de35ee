import type { NodeId } from '../protocol/ids.ts';

/** Nodes remembered: twice what a membership table holds, the restarted ones included. The longest silent goes first. */
export const seenNodesMax = 4_096;

/** Sequences remembered below the newest: more than overtake each other on any LAN. */
const windowSize = 32;

/** `fresh`: first heard. `repeated`: heard before. `late`: too old to tell, so it is taken as heard before. */
export type Freshness = 'fresh' | 'repeated' | 'late';

/** Tells whether a beacon was heard before [D6]. */
export interface SeenBeacons {
  note(node: NodeId, incarnation: number, sequence: number): Freshness;
  /**
   * Notes a way by which `node`, noted before, was heard. True when that is news in this incarnation: a way not yet known,
   * unless it is loopback (`real` false) and a real interface is known already.
   */
  noteWay(node: NodeId, way: string, real: boolean): boolean;
}

/** Ways kept of one node: methods times the interfaces on which two hosts may meet. */
const waysMax = 16;

interface Seen {
  incarnation: number;
  newest: number;
  /** Bit n: `newest - n` was heard. */
  heard: number;
  ways: Set<string>;
  heardForReal: boolean;
}

export function createSeenBeacons(): SeenBeacons {
  const nodes = new Map<NodeId, Seen>();

  function begin(node: NodeId, incarnation: number, sequence: number): Freshness {
    nodes.delete(node);
    nodes.set(node, { incarnation, newest: sequence, heard: 1, ways: new Set(), heardForReal: false });
    if (nodes.size > seenNodesMax) {
      const [oldest] = nodes.keys();
      if (oldest !== undefined) nodes.delete(oldest);
    }
    return 'fresh';
  }

  return {
    note(node, incarnation, sequence) {
      const seen = nodes.get(node);
      // Also a lower incarnation begins anew: a host whose clock was set back must be found. What it is worth is for membership.
      if (seen === undefined || seen.incarnation !== incarnation) return begin(node, incarnation, sequence);
      const ahead = sequence - seen.newest;
      if (ahead > 0) {
        seen.heard = ahead >= windowSize ? 1 : ((seen.heard << ahead) | 1) >>> 0;
        seen.newest = sequence;
        nodes.delete(node);
        nodes.set(node, seen);
        return 'fresh';
      }
      if (-ahead >= windowSize) return 'late';
      const bit = (1 << -ahead) >>> 0;
      if ((seen.heard & bit) !== 0) return 'repeated';
      seen.heard = (seen.heard | bit) >>> 0;
      return 'fresh';
    },
    noteWay(node, way, real) {
      const seen = nodes.get(node);
      if (seen === undefined || seen.ways.has(way) || seen.ways.size >= waysMax) return false;
      if (!real && seen.heardForReal) return false;
      seen.ways.add(way);
      seen.heardForReal ||= real;
      return true;
    },
  };
}
