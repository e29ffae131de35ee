import type { AcceptedStream, StreamEvents } from '../delivery/mesh-stream.ts';
import type { Provider } from '../delivery/provider.ts';
import { refusal } from '../delivery/write-reply.ts';
import { type ByteSlots, byteSlots } from './byte-sink.ts';
import { connectToProgram } from './tcp-stream.ts';

export interface TcpTargetOptions {
  /** On this host. */
  readonly location: { readonly host: string; readonly port: number };
  /** The program refused a connection. */
  readonly onRefused: () => void;
}

/** A provider, and what is to be closed when it is withdrawn. */
export interface TcpTarget extends Provider {
  readonly open: NonNullable<Provider['open']>;
  close(): void;
}

/** Any TCP program of this host as a provider: each stream is a connection of its own. */
export function tcpTarget({ location, onRefused }: TcpTargetOptions): TcpTarget {
  const slots: ByteSlots = byteSlots();
  return {
    open: (stream: AcceptedStream): StreamEvents => connectToProgram({ location, onRefused, slots }, stream),
    deliver({ head }, respond) {
      respond(refusal('refused', 'unknown-command', `${head.service} takes connections and no messages`));
      return () => undefined;
    },
    close() {},
  };
}
