import type { MeshEvent } from '../api/mesh-event.ts';

/**
 * One watcher's view across links. A new link begins with a snapshot of its own: what is the same in it is kept quiet,
 * what differs becomes a change, and what is missing at its end is gone. So a watcher hears each change once.
 */
export interface WatchView {
  /** A new snapshot follows, up to `ready`. */
  restart(): void;
  /** Takes an event of the link and tells what is news. */
  take(event: MeshEvent, tell: (event: MeshEvent) => void): void;
}

type Rest = Exclude<MeshEvent, { readonly type: 'ready' }>;

export function watchView(): WatchView {
  /** What the watcher knows, by node id or service and node, with the event that would take it away. */
  const known = new Map<string, { readonly text: string; readonly gone: Rest }>();
  /** While a snapshot runs: what it has not yet shown. */
  let missing: Set<string> | undefined;
  let wasReady = false;

  function takeRest(event: Rest, tell: (event: MeshEvent) => void): void {
    const key = keyOf(event);
    missing?.delete(key);
    const before = known.get(key);
    if (event.type === 'node-gone' || event.type === 'instance-gone' || event.type === 'healed') {
      known.delete(key);
      if (before !== undefined) tell(event);
      return;
    }
    const text = textOf(event);
    known.set(key, { text, gone: goneOf(event) });
    if (before === undefined) tell(as('new', event));
    else if (before.text !== text) tell(as('changed', event));
  }

  return {
    restart() {
      missing = new Set(known.keys());
    },
    take(event, tell) {
      if (event.type !== 'ready') {
        takeRest(event, tell);
        return;
      }
      for (const key of missing ?? []) {
        const gone = known.get(key)?.gone;
        known.delete(key);
        if (gone !== undefined) tell(gone);
      }
      missing = undefined;
      if (!wasReady) tell(event);
      wasReady = true;
    },
  };
}

/** A partition is what it was: only its beginning and its end are news. */
function textOf(event: Rest): string {
  if ('partition' in event) return '';
  // What was noticed of a node is told with its next change.
  return JSON.stringify('node' in event ? { ...event.node, observations: undefined } : event.instance);
}

function keyOf(event: Rest): string {
  if ('partition' in event) return `partition ${event.partition.there.join()}`;
  return 'node' in event ? event.node.id : `${event.service}@${event.instance.node}`;
}

function goneOf(event: Rest): Rest {
  if ('partition' in event) return { type: 'healed', partition: event.partition };
  if ('node' in event) return { type: 'node-gone', node: event.node };
  return { type: 'instance-gone', service: event.service, instance: event.instance };
}

function as(what: 'new' | 'changed', event: Rest): Rest {
  if ('partition' in event) return event;
  if ('node' in event) return { type: what === 'new' ? 'node-joined' : 'node-changed', node: event.node };
  const { service, instance } = event;
  return { type: what === 'new' ? 'instance-up' : 'instance-changed', service, instance };
}
