import type { SocketAddress } from '../protocol/socket-address.ts';

/** Where a stream leads: an IP endpoint, or the path of a Unix socket. */
export type StreamAddress = SocketAddress | { readonly path: string };

/** Where streams are accepted: there, or with a port alone on every address of this host, of both families where it has both. */
export type ListenAddress = StreamAddress | { readonly port: number };

/** What a byte stream tells its owner. Exactly one `onClose` per stream, always last, also for a dial that failed. */
export interface StreamEvents {
  /** `bytes` is valid only during the call: copy what is to be kept. */
  onData(bytes: Uint8Array): void;
  /** A dialled stream is connected. Never called on an accepted one, which is connected from the start. */
  onConnect(): void;
  /** The write buffer has emptied after `write` returned false. */
  onDrain(): void;
  /** The other side has ended its half; this side may still write. */
  onEnd(): void;
  /** `error` is undefined when both halves ended in order. */
  onClose(error: Error | undefined): void;
}

/** A reliable, ordered stream of bytes. */
export interface ByteStream {
  readonly remote: StreamAddress;
  /** Takes the events from now on. Called once, in the same turn in which the stream was received. */
  start(events: StreamEvents): void;
  /**
   * Queues `bytes` (kept by reference until written: do not change them). Before `onConnect` they wait.
   * Returns false when more is queued than the stream likes; `onDrain` follows. After end or close it does nothing.
   */
  write(bytes: Uint8Array): boolean;
  /** As two writes, in one system call where the system can: a header and the large body behind it. */
  writeBoth(first: Uint8Array, second: Uint8Array): boolean;
  /**
   * What is written from now until the end of this turn of the event loop goes out together, or as soon as it is much (of a
   * socket eight writes, or half a mebibyte): what many reads brought is then in fewer system calls, and in fewer and fuller
   * packets, each of which wakes the other side.
   */
  gather(): void;
  /** What `write` writes goes out in one system call where the system can, so that the other side wakes for it once. */
  together(write: () => void): void;
  /** Bytes queued and not yet taken by the system. */
  readonly queuedBytes: number;
  /** Stop `onData` until `resume()`. */
  pause(): void;
  resume(): void;
  /** Sends what is queued, then ends this half. */
  end(): void;
  /**
   * Drops what is queued; `onClose` follows, with an error unless both halves had ended. The other side of a TCP stream
   * sees a reset, so that it does not take a cut for an orderly end; what was under way may be lost to it.
   */
  destroy(): void;
}

/** TLS 1.3 with a secret that both sides know beforehand, and without certificates. */
export interface SecureDial {
  /** Which secret it is; the listener sees it. */
  readonly identity: string;
  readonly psk: Uint8Array;
}

export interface SecureListen {
  /** The secret that goes by that name; `undefined`: none, and who named it is refused. */
  pskOf(identity: string): Uint8Array | undefined;
  /** Somebody did not know the secret, spoke something else, or took too long. */
  onRefused(reason: string): void;
}

export interface StreamListener {
  readonly local: StreamAddress;
  /** Accepts no more; streams already accepted live on. A Unix socket's file is removed. */
  close(): void;
}

export interface Streams {
  /**
   * Rejects with the system's error (`EADDRINUSE`, `EACCES`, …). A Unix socket is created with mode 0600; a stale file
   * (nobody listens) is replaced, a live one is `EADDRINUSE`. With `secure` only who knows a secret gets as far as
   * `onStream`, which is told which one; else the identity is `undefined`. A listener on every address has `::` as its local
   * one, or `0.0.0.0` where the host has no IPv6.
   */
  listen(
    where: ListenAddress,
    onStream: (stream: ByteStream, identity: string | undefined) => void,
    secure?: SecureListen,
  ): Promise<StreamListener>;
  /** Never throws: failure arrives as `onClose(error)`. Nagle's delay is off. With `secure`, `onConnect` follows the handshake. */
  connect(where: StreamAddress, secure?: SecureDial): ByteStream;
}
