import { formatIp, parseIp, withoutScope } from '../protocol/ip-address.ts';

/** The 4 or 16 bytes of an address; a scope is left aside, and `::ffff:192.0.2.1` counts as IPv4. `undefined` for all else. */
export function addressBytes(text: string): Uint8Array | undefined {
  const bytes = parseIp(withoutScope(text));
  if (bytes?.length !== 16) return bytes;
  const mapped = bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  return mapped ? bytes.subarray(12) : bytes;
}

/** Whether two addresses of one family agree in their first `prefixLength` bits. */
export function sameSubnet(a: Uint8Array, b: Uint8Array, prefixLength: number): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) {
    const hostBits = Math.min(8, Math.max(0, 8 * (index + 1) - prefixLength));
    if (((a[index] as number) ^ (b[index] as number)) >> hostBits !== 0) return false;
  }
  return true;
}

/** The broadcast address of an IPv4 subnet; `undefined` where there is none (/31 and /32). */
export function broadcastAddress(address: string, prefixLength: number): string | undefined {
  const bytes = parseIp(address);
  if (bytes?.length !== 4 || prefixLength > 30) return undefined;
  const last = bytes.map((byte, index) => {
    const hostBits = Math.min(8, Math.max(0, 8 * (index + 1) - prefixLength));
    return byte | ((1 << hostBits) - 1);
  });
  return formatIp(last);
}

export function isLoopbackAddress(text: string): boolean {
  const bytes = addressBytes(text);
  if (bytes === undefined) return false;
  return bytes.length === 4 ? bytes[0] === 127 : bytes.every((byte, index) => byte === (index === 15 ? 1 : 0));
}

export function isLinkLocalIpv6(text: string): boolean {
  const bytes = addressBytes(text);
  return bytes?.length === 16 && bytes[0] === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0x80;
}
