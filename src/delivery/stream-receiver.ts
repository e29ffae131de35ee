import type { ErrorCode } from '../protocol/error-code.ts';
import type { MessageHead } from '../protocol/message-head.ts';
import type { ServiceKinds } from '../protocol/service-entry.ts';
import type { AcceptedStream, StreamEvents } from './mesh-stream.ts';
import type { ProvisionState, Provisions } from './provisions.ts';

/** Who takes a stream, or why nobody does. */
export type StreamTaker =
  | {
      readonly ok: true;
      /** Called once, at once. What it throws breaks the stream off. */
      open(stream: AcceptedStream): StreamEvents;
      /** The stream has ended, either way. Called once, also when `open` threw. */
      over(): void;
    }
  | { readonly ok: false; readonly code: ErrorCode; readonly reason: string };

/** Decides who takes the streams that are opened to this side. */
export interface StreamReceiver {
  take(head: MessageHead): StreamTaker;
  /** What a service's accept says of its load. */
  loadOf(service: string): number | undefined;
}

/** The command of the proxy's opens. */
export const httpCommand = 'http';

/** What an instance must be able to take, by the command of the open [F8]. */
export function streamKindOf(command: string): keyof ServiceKinds {
  return command === httpCommand ? 'http' : 'streams';
}

/** A node's receiver: its providers. */
export function provisionsReceiver(provisions: Provisions, selfName: string): StreamReceiver {
  return {
    take(head) {
      const { service } = head;
      const kind = streamKindOf(head.command);
      const provision = provisions.pick(service, kind);
      const open = provision?.provider.open;
      const refused = refusalOf(provision, service, kind, selfName);
      if (refused !== undefined) return refused;
      if (provision === undefined || open === undefined) {
        return { ok: false, code: 'unknown-command', reason: `${service} takes no streams` };
      }
      provision.inFlight += 1;
      return { ok: true, open, over: () => provisions.release(provision) };
    },
    loadOf: (service) => provisions.loadOf(service),
  };
}

function refusalOf(
  provision: ProvisionState | undefined,
  service: string,
  kind: keyof ServiceKinds,
  selfName: string,
): StreamTaker | undefined {
  if (provision === undefined) {
    const reason = `${selfName} does not serve ${service} by ${kind === 'http' ? 'HTTP' : 'streams'}`;
    return { ok: false, code: 'no-instance', reason };
  }
  if (provision.state === 'draining') {
    return { ok: false, code: 'draining', reason: `${service} on ${selfName} is being withdrawn` };
  }
  if (provision.inFlight < provision.options.inFlightMax) return undefined;
  return { ok: false, code: 'busy', reason: `${provision.inFlight} exchanges are in hand there` };
}
