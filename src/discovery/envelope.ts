/** What goes round the payload of a datagram. The node gives it, so that a key may come and change. */
export interface Envelope {
  seal(payload: Uint8Array): Uint8Array;
  /** Never throws. `reason` is a constant word: it becomes a counter. */
  open(
    bytes: Uint8Array,
  ): { readonly ok: true; readonly payload: Uint8Array } | { readonly ok: false; readonly reason: string };
}
