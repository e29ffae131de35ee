/** Crockford's alphabet in small letters: nothing in it looks like another, and a double click selects all of it. */
const digits = '0123456789abcdefghjkmnpqrstvwxyz';

export function encodeBase32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let count = 0;
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xffff;
    count += 8;
    while (count >= 5) {
      count -= 5;
      text += digits[(bits >>> count) & 31];
    }
  }
  return count === 0 ? text : text + digits[(bits << (5 - count)) & 31];
}

/** `undefined` when a character is none of these, or the end is none of this encoder's. Capitals, and o, i and l for 0 and 1, are as people type them. */
export function decodeBase32(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let bits = 0;
  let count = 0;
  let at = 0;
  for (const character of text.toLowerCase().replaceAll('o', '0').replace(/[il]/g, '1')) {
    const digit = digits.indexOf(character);
    if (digit < 0) return undefined;
    bits = ((bits << 5) | digit) & 0xffff;
    count += 5;
    if (count < 8) continue;
    count -= 8;
    bytes[at] = (bits >>> count) & 255;
    at += 1;
  }
  // What is over is the encoder's filling, of less than a character, and zero: else there is one too many, or the last is wrong.
  return count < 5 && (bits & ((1 << count) - 1)) === 0 ? bytes : undefined;
}
