import type { Agent } from 'node:http';
import type { ByteSlots } from './byte-sink.ts';
import type { TargetConnections } from './target-connections.ts';
import type { TargetLocation } from './target-location.ts';

/** What is known of a plain HTTP program, and what its requests share. */
export interface TargetContext {
  readonly location: TargetLocation;
  /** `command`: a message goes to the URL and `/COMMAND`; `exact`: to the URL itself, its command in a header. */
  readonly deliverTo: 'command' | 'exact';
  /** The program said how busy it is: 0 idle to 1 full. */
  readonly onLoad: (load: number) => void;
  /** The program refused a connection. */
  readonly onRefused: () => void;
  /** For messages. */
  readonly agent: Agent;
  /** For requests. */
  readonly connections: TargetConnections;
  readonly slots: ByteSlots;
}
