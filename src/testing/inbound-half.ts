/** Written over bytes that were valid only during `onData`, so that who kept them finds out. */
const poison = 0xdb;

/** What the owner of the half is told while it reads. */
export interface InboundReader {
  /** Asked anew for each piece: the process may close in any of its callbacks. */
  isOpen(): boolean;
  onBytes(bytes: Uint8Array): void;
  onEnd(): void;
}

/** What one end of a connection has received and its process has not read yet. */
export class InboundHalf {
  paused = false;
  /** The process has been told that no more comes. */
  endTold = false;
  private readonly received: Uint8Array[] = [];
  private endReceived = false;
  private reading = false;

  get hasUnread(): boolean {
    return this.received.length > 0;
  }

  receive(bytes: Uint8Array): void {
    this.received.push(bytes);
  }

  receiveEnd(): void {
    this.endReceived = true;
  }

  /** Reads until there is nothing more, or the process has had enough. */
  read(reader: InboundReader): void {
    if (this.reading) return;
    this.reading = true;
    while (!this.paused && reader.isOpen()) {
      const bytes = this.received.shift();
      if (bytes === undefined) break;
      reader.onBytes(bytes);
      bytes.fill(poison);
    }
    this.reading = false;
    if (this.paused || this.hasUnread || !this.endReceived || this.endTold || !reader.isOpen()) return;
    this.endTold = true;
    reader.onEnd();
  }

  drop(): void {
    this.received.length = 0;
  }
}
