const hexGroup = /^[0-9a-fA-F]{1,4}$/;
const decimalByte = /^(?:0|[1-9][0-9]{0,2})$/;

/** 4 or 16 bytes of an IP address without scope; `undefined` for all else. Leading zeros in IPv4 are refused: some read them as octal. */
export function parseIp(text: string): Uint8Array | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

/** The one way an address is shown: dotted decimal, or RFC 5952. Four bytes or sixteen. */
export function formatIp(bytes: Uint8Array): string {
  return bytes.length === 4 ? bytes.join('.') : formatIpv6(bytes);
}

/** `fe80::1%eth0` without its scope. */
export function withoutScope(address: string): string {
  const at = address.indexOf('%');
  return at < 0 ? address : address.slice(0, at);
}

/** The canonical text of an address; `undefined` when it is none. A scope is kept. */
export function canonicalIp(text: string): string | undefined {
  const plain = withoutScope(text);
  const bytes = parseIp(plain);
  if (bytes === undefined) return undefined;
  const scope = text.slice(plain.length);
  if (scope === '') return formatIp(bytes);
  return bytes.length === 16 && /^%[A-Za-z0-9._-]{1,32}$/.test(scope) ? formatIp(bytes) + scope : undefined;
}

function parseIpv4(text: string): Uint8Array | undefined {
  if (text.length > 15) return undefined;
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes = new Uint8Array(4);
  for (const [i, part] of parts.entries()) {
    const value = Number(part);
    if (!decimalByte.test(part) || value > 255) return undefined;
    bytes[i] = value;
  }
  return bytes;
}

function parseIpv6(text: string): Uint8Array | undefined {
  if (text.length > 45) return undefined;
  const gap = text.indexOf('::');
  if (gap < 0) {
    const groups = parseGroups(text);
    return groups?.length === 8 ? bytesOfGroups(groups, []) : undefined;
  }
  if (text.includes('::', gap + 1)) return undefined;
  const before = gap === 0 ? [] : parseGroups(text.slice(0, gap), false);
  const after = gap + 2 === text.length ? [] : parseGroups(text.slice(gap + 2));
  if (before === undefined || after === undefined || before.length + after.length > 7) return undefined;
  return bytesOfGroups(before, after);
}

/** The groups between colons; the last may be an IPv4 address, which makes two. */
function parseGroups(text: string, ipv4Permitted = true): number[] | undefined {
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (hexGroup.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const ipv4 = ipv4Permitted && i === parts.length - 1 ? parseIpv4(part) : undefined;
    if (ipv4 === undefined) return undefined;
    const [a = 0, b = 0, c = 0, d = 0] = ipv4;
    groups.push((a << 8) | b, (c << 8) | d);
  }
  return groups;
}

function bytesOfGroups(before: readonly number[], after: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(16);
  const put = (group: number, at: number) => {
    bytes[2 * at] = group >> 8;
    bytes[2 * at + 1] = group & 255;
  };
  for (const [i, group] of before.entries()) put(group, i);
  for (const [i, group] of after.entries()) put(group, 8 - after.length + i);
  return bytes;
}

function formatIpv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${bytes.subarray(12, 16).join('.')}`;
  }
  const gap = longestZeroRun(groups);
  const text = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return gap.length < 2 ? text(0, 8) : `${text(0, gap.start)}::${text(gap.start + gap.length, 8)}`;
}

/** The first of the longest runs of zeros (RFC 5952, 4.2.3). */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [i, group] of groups.entries()) {
    if (group !== 0) start = i + 1;
    else if (i + 1 - start > best.length) best = { start, length: i + 1 - start };
  }
  return best;
}
