import { type MessageId, messageIdBytes, readMessageId } from './ids.ts';

const bytesBefore = messageIdBytes - 1;
const digitsBefore = 2 * bytesBefore;

/** The two digits of each byte. */
const digitsOf: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * The texts of ids of which mostly each differs from the last one in its last byte only, as those that are counted up do: they
 * share the text of the rest, and all digits are put side by side only for those who look at them.
 */
export class MessageIdTexts {
  private readonly before = new Uint8Array(bytesBefore);
  private digitsBefore = '0'.repeat(digitsBefore);

  /** The caller has checked that sixteen bytes are there. */
  read(bytes: Uint8Array, offset: number): MessageId {
    const { before } = this;
    for (let i = bytesBefore - 1; i >= 0; i--) if (before[i] !== bytes[offset + i]) return this.renew(bytes, offset);
    return (this.digitsBefore + digitsOf[bytes[offset + bytesBefore] as number]) as MessageId;
  }

  /** The same but for its last byte, which is this one. */
  readNext(last: number): MessageId {
    return (this.digitsBefore + digitsOf[last]) as MessageId;
  }

  private renew(bytes: Uint8Array, offset: number): MessageId {
    const text = readMessageId(bytes, offset);
    for (let i = 0; i < bytesBefore; i++) this.before[i] = bytes[offset + i] as number;
    this.digitsBefore = text.slice(0, digitsBefore);
    return text;
  }
}
