import type { Hello } from '../protocol/hello.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import type { Clock } from '../runtime/clock.ts';
import type { ByteStream, SecureDial, Streams } from '../runtime/streams.ts';
import type { KeepAliveTiming } from './keep-alive.ts';
import type { PeerLinks } from './peer-links.ts';

export interface PeerLinksOptions {
  readonly clock: Clock;
  readonly streams: Streams;
  readonly self: NodeId;
  readonly hello: () => Hello;
  readonly keepAlive: KeepAliveTiming;
  /** From the first SYN to the other side's hello. */
  readonly dialTimeoutMs: number;
  /** Where a peer is to be dialled; undefined when nobody knows. */
  readonly addressOf: (peer: NodeId) => SocketAddress | undefined;
  /** With a key, by which secret to dial ([K6]); `undefined`: links are plain. */
  readonly secure: ((to: SocketAddress) => SecureDial) | undefined;
}

/** The links, and how the node's listener hands in what it accepted. */
export interface PeerLinkTable extends PeerLinks {
  /** `identity` is the key that the other side has proved to know. */
  accept(stream: ByteStream, identity: string | undefined): void;
  /** Links by other keys than these are made anew with the key in use, and given up where that fails ([K7]). */
  renew(isValid: (identity: string) => boolean): void;
}
