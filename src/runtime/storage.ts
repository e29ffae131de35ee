/** Small durable values by name (identity, remembered peers). Not for messages. */
export interface Storage {
  /** `undefined` when nothing is stored under `key`. Rejects when the medium fails. */
  read(key: string): Promise<Uint8Array | undefined>;
  /** Replaces the value whole or not at all, also across a power cut; resolves once it is on the medium. */
  write(key: string, value: Uint8Array): Promise<void>;
  /** Deleting nothing is no error. */
  delete(key: string): Promise<void>;
}
