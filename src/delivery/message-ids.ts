import { type MessageId, messageIdBytes } from '../protocol/ids.ts';
import { MessageIdTexts } from '../protocol/message-id-texts.ts';
import type { Random } from '../runtime/random.ts';

/** Ids that are unique in the world: 8 random bytes of this process and a count. Cheaper than fresh chance for each. */
export class MessageIds {
  /** The one that `next` gave last, as it goes over the wire. */
  readonly lastBytes = new Uint8Array(messageIdBytes);
  private readonly texts = new MessageIdTexts();
  private isBegun = false;

  constructor(random: Random) {
    this.lastBytes.set(random.bytes(8));
  }

  next(): MessageId {
    const bytes = this.lastBytes;
    const last = ((bytes[messageIdBytes - 1] as number) + 1) & 0xff;
    bytes[messageIdBytes - 1] = last;
    if (last !== 0 && this.isBegun) return this.texts.readNext(last);
    if (last === 0) this.carry();
    this.isBegun = true;
    return this.texts.read(bytes, 0);
  }

  private carry(): void {
    const bytes = this.lastBytes;
    for (let at = messageIdBytes - 2; at >= 8; at--) {
      const byte = ((bytes[at] as number) + 1) & 0xff;
      bytes[at] = byte;
      if (byte !== 0) break;
    }
  }
}
