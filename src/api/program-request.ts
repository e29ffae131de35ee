import type { WorkingState } from '../delivery/flap-damping.ts';
import type { Strategy } from '../selection/strategy.ts';

/** What a program asks its agent over a program link (frame 14, JSON). The response (frame 15) is a `ProgramResponse`. */
export type ProgramRequest =
  | { readonly op: 'nodes' }
  | { readonly op: 'services' }
  | { readonly op: 'status' }
  | { readonly op: 'resolve'; readonly address: string; readonly strategy?: Strategy; readonly sticky?: string }
  /** Events (frame 16, a `MeshEvent` each) follow under the request's correlation until a cancel (frame 8). */
  | { readonly op: 'watch' }
  /** Messages to the service come over this link from now on (frame 6), until `withdraw` or the link's end. */
  | {
      readonly op: 'register';
      readonly service: string;
      readonly weight: number;
      readonly labels: Readonly<Record<string, string>>;
      readonly inFlightMax: number;
      /** Undefined: it needs no heartbeat. */
      readonly heartbeatWithinMs?: number | undefined;
      /** `0.0.0.0:5432`; undefined: it listens nowhere. */
      readonly endpoint?: string | undefined;
      /** Undefined: messages only. */
      readonly kinds?: { readonly messages: boolean; readonly streams: boolean } | undefined;
    }
  /** Answered when work in hand has ended. */
  | { readonly op: 'withdraw'; readonly service: string }
  | { readonly op: 'set-load'; readonly service: string; readonly load: number }
  | { readonly op: 'set-state'; readonly service: string; readonly state: WorkingState }
  | { readonly op: 'heartbeat'; readonly service: string; readonly state: WorkingState; readonly note: string };

export type ProgramResponse =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly code: string; readonly reason: string };
