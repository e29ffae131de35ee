import type { StreamEvents } from './mesh-stream.ts';

/**
 * Told when code that is not the node's own threw where it must not: a settlement's owner, a provider, a stream's owner.
 * That is where their faults end: the node goes on, and so do all others.
 */
export type OnOwnerFault = (where: string, error: unknown) => void;

/** The owner's events; the first one that throws is told to `onThrown`, which is to break the stream off. */
export function guardedEvents(events: StreamEvents, onThrown: (error: unknown) => void): StreamEvents {
  function guarded(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      onThrown(error);
    }
  }
  return {
    onReady: () => guarded(() => events.onReady()),
    onAccept: (head, instance) => guarded(() => events.onAccept(head, instance)),
    onData(bytes) {
      try {
        events.onData(bytes);
      } catch (error) {
        onThrown(error);
      }
    },
    onDrain: () => guarded(() => events.onDrain()),
    onEnd: () => guarded(() => events.onEnd()),
    onFinish: () => guarded(() => events.onFinish()),
    onReset: (code, reason) => guarded(() => events.onReset(code, reason)),
  };
}
