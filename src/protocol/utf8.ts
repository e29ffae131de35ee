// Texts on the wire are short and nearly always ASCII: those are read and written by hand, which is faster than a codec call.

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Above this the codec's fixed cost is repaid. */
const byHandMax = 48;

/** `undefined` when the bytes are not UTF-8 [N3]. A byte order mark is kept. The caller has checked the bounds. */
export function readUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start <= byHandMax && isAscii(bytes, start, end)) return readAscii(bytes, start, end);
  try {
    return decoder.decode(bytes.subarray(start, end));
  } catch {
    return undefined;
  }
}

/** The text of bytes that are known to be ASCII. Calls with several codes make flat strings, and few of them. */
export function readAscii(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  let at = start;
  for (; end - at >= 8; at += 8) {
    text += String.fromCharCode(
      bytes[at] as number,
      bytes[at + 1] as number,
      bytes[at + 2] as number,
      bytes[at + 3] as number,
      bytes[at + 4] as number,
      bytes[at + 5] as number,
      bytes[at + 6] as number,
      bytes[at + 7] as number,
    );
  }
  if (end - at >= 4) {
    text += String.fromCharCode(
      bytes[at] as number,
      bytes[at + 1] as number,
      bytes[at + 2] as number,
      bytes[at + 3] as number,
    );
    at += 4;
  }
  if (end - at >= 2) {
    text += String.fromCharCode(bytes[at] as number, bytes[at + 1] as number);
    at += 2;
  }
  return at < end ? text + String.fromCharCode(bytes[at] as number) : text;
}

/** Bytes written at `offset`; -1 when there was not the room. Lone surrogates become U+FFFD. */
export function writeUtf8(bytes: Uint8Array, offset: number, text: string): number {
  const length = text.length;
  if (length <= byHandMax && offset + length <= bytes.length) {
    let at = 0;
    for (; at < length; at++) {
      const code = text.charCodeAt(at);
      if (code > 127) break;
      bytes[offset + at] = code;
    }
    if (at === length) return length;
  }
  const result = encoder.encodeInto(text, bytes.subarray(offset));
  return result.read === length ? result.written : -1;
}

/** The longest beginning of the text that has at most so many bytes and no half of a character. */
export function cutUtf8(text: string, bytesMax: number): string {
  if (text.length * 3 <= bytesMax) return text;
  const read = encoder.encodeInto(text, new Uint8Array(bytesMax)).read;
  return read === text.length ? text : text.slice(0, read);
}

export function utf8Bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

export function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if ((bytes[at] as number) > 127) return false;
  }
  return true;
}
