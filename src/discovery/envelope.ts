import type { SocketAddress } from '../protocol/socket-address.ts';

/** What goes round the payload of a datagram. The node gives it, so that a key may come and change. */
export interface Envelope {
  /** To many when `to` is undefined. Each datagram is sealed on its own: no two that are sealed are the same. */
  seal(payload: Uint8Array, to?: SocketAddress): Uint8Array;
  /** Never throws. `reason` is a constant word: it becomes a counter. */
  open(
    bytes: Uint8Array,
    from?: SocketAddress,
  ): { readonly ok: true; readonly payload: Uint8Array } | { readonly ok: false; readonly reason: string };
}
