import type { ErrorCode } from '../protocol/error-code.ts';
import type { StreamEvents, StreamHead, StreamInstance } from './mesh-stream.ts';

/**
 * Told when code that is not the node's own threw where it must not: a settlement's owner, a provider, a stream's owner.
 * That is where their faults end: the node goes on, and so do all others.
 */
export type OnOwnerFault = (where: string, error: unknown) => void;

/** The owner's events; the first one that throws is told to `onThrown`, which is to break the stream off. */
export function guardedEvents(events: StreamEvents, onThrown: (error: unknown) => void): StreamEvents {
  return new GuardedEvents(events, onThrown);
}

/** A class, so that a stream costs two fields for it and no closures. */
class GuardedEvents implements StreamEvents {
  private readonly events: StreamEvents;
  private readonly onThrown: (error: unknown) => void;

  constructor(events: StreamEvents, onThrown: (error: unknown) => void) {
    this.events = events;
    this.onThrown = onThrown;
  }

  onReady(): void {
    try {
      this.events.onReady();
    } catch (error) {
      this.onThrown(error);
    }
  }

  onAccept(head: StreamHead, instance: StreamInstance): void {
    try {
      this.events.onAccept(head, instance);
    } catch (error) {
      this.onThrown(error);
    }
  }

  onData(bytes: Uint8Array): void {
    try {
      this.events.onData(bytes);
    } catch (error) {
      this.onThrown(error);
    }
  }

  onDrain(): void {
    try {
      this.events.onDrain();
    } catch (error) {
      this.onThrown(error);
    }
  }

  onEnd(): void {
    try {
      this.events.onEnd();
    } catch (error) {
      this.onThrown(error);
    }
  }

  onFinish(): void {
    try {
      this.events.onFinish();
    } catch (error) {
      this.onThrown(error);
    }
  }

  onReset(code: ErrorCode, reason: string): void {
    try {
      this.events.onReset(code, reason);
    } catch (error) {
      this.onThrown(error);
    }
  }
}
