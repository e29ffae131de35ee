declare const nodeIdBrand: unique symbol;
declare const messageIdBrand: unique symbol;

/** A node's id: 16 lower-case hexadecimal digits, 8 bytes on the wire [N2]. */
export type NodeId = string & { readonly [nodeIdBrand]: true };

/** A message's id: 32 lower-case hexadecimal digits, 16 bytes on the wire. */
export type MessageId = string & { readonly [messageIdBrand]: true };

export const nodeIdBytes = 8;
export const messageIdBytes = 16;

/** The zero id: no node, or whoever is at the other end [N2]. */
export const noNode = '0000000000000000' as NodeId;

const nodeIdPattern = /^[0-9a-f]{16}$/;
const messageIdPattern = /^[0-9a-f]{32}$/;

export function isNodeId(text: string): text is NodeId {
  return nodeIdPattern.test(text);
}

export function isMessageId(text: string): text is MessageId {
  return messageIdPattern.test(text);
}

/** The character code of each half byte's digit. */
function digit(half: number): number {
  return half + (half < 10 ? 48 : 87);
}

/** Codes of the high and the low digit of every byte. */
const highDigits = Uint8Array.from({ length: 256 }, (_, byte) => digit(byte >> 4));
const lowDigits = Uint8Array.from({ length: 256 }, (_, byte) => digit(byte & 15));

/** The value of the digit with this character code; 0 for what is none. */
const digitValues = Uint8Array.from({ length: 128 }, (_, code) => {
  if (code >= 48 && code <= 57) return code - 48;
  return code >= 97 && code <= 102 ? code - 87 : 0;
});

/** Sixteen digits for the eight bytes at `offset`. One call with sixteen codes is several times faster than a loop. */
function hexOfEight(bytes: Uint8Array, offset: number): string {
  const b0 = bytes[offset] as number;
  const b1 = bytes[offset + 1] as number;
  const b2 = bytes[offset + 2] as number;
  const b3 = bytes[offset + 3] as number;
  const b4 = bytes[offset + 4] as number;
  const b5 = bytes[offset + 5] as number;
  const b6 = bytes[offset + 6] as number;
  const b7 = bytes[offset + 7] as number;
  const high = highDigits;
  const low = lowDigits;
  return String.fromCharCode(
    high[b0] as number,
    low[b0] as number,
    high[b1] as number,
    low[b1] as number,
    high[b2] as number,
    low[b2] as number,
    high[b3] as number,
    low[b3] as number,
    high[b4] as number,
    low[b4] as number,
    high[b5] as number,
    low[b5] as number,
    high[b6] as number,
    low[b6] as number,
    high[b7] as number,
    low[b7] as number,
  );
}

function writeHex(bytes: Uint8Array, offset: number, text: string, count: number): void {
  for (let i = 0; i < count; i++) {
    const high = digitValues[text.charCodeAt(2 * i) & 127] as number;
    const low = digitValues[text.charCodeAt(2 * i + 1) & 127] as number;
    bytes[offset + i] = (high << 4) | low;
  }
}

/** The caller has checked that eight bytes are there. */
export function readNodeId(bytes: Uint8Array, offset: number): NodeId {
  return hexOfEight(bytes, offset) as NodeId;
}

/** The caller has checked that there is room for eight bytes. */
export function writeNodeId(bytes: Uint8Array, offset: number, id: NodeId): void {
  writeHex(bytes, offset, id, nodeIdBytes);
}

/** The caller has checked that sixteen bytes are there. */
export function readMessageId(bytes: Uint8Array, offset: number): MessageId {
  return (hexOfEight(bytes, offset) + hexOfEight(bytes, offset + 8)) as MessageId;
}

/** The caller has checked that there is room for sixteen bytes. */
export function writeMessageId(bytes: Uint8Array, offset: number, id: MessageId): void {
  writeHex(bytes, offset, id, messageIdBytes);
}

/** An id of eight random bytes; never the zero id. */
export function nodeIdFrom(random: Uint8Array): NodeId {
  if (random.length < nodeIdBytes) throw new RangeError('a node id needs 8 random bytes');
  const id = readNodeId(random, 0);
  return id === noNode ? ('0000000000000001' as NodeId) : id;
}

/** An id of sixteen random bytes. */
export function messageIdFrom(random: Uint8Array): MessageId {
  if (random.length < messageIdBytes) throw new RangeError('a message id needs 16 random bytes');
  return readMessageId(random, 0);
}
