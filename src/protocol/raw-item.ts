/** Numbers of the item types on the wire. */
export const ItemType = { member: 1, record: 2, load: 3 } as const;

/** An item as bytes: what is packed by size and passed on without being decoded. */
export interface RawItem {
  readonly type: number;
  readonly bytes: Uint8Array;
}
