/** Names of headers, in lower case, to be found whatever the case. Most headers have another length, and need no look-up. */
export class HeaderNames {
  /** By their length. No Set: to hash a text takes longer than to compare it with one or two. */
  readonly #names: (readonly string[] | undefined)[] = [];

  constructor(...names: readonly string[]) {
    for (const name of names) this.#names[name.length] = [...(this.#names[name.length] ?? []), name];
  }

  has(name: string): boolean {
    const alike = name.length < this.#names.length ? this.#names[name.length] : undefined;
    return alike?.includes(name.toLowerCase()) === true;
  }
}

/** Headers of one connection only (RFC 9110, 7.6.1), and those that older software treats so. */
const hopByHop = new HeaderNames(
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
);

/** What a connection-listed name must never take away: without them the message is another one. */
const neverListed = new HeaderNames('content-length', 'host');

const noNames = new HeaderNames();

/**
 * Name and value in turn, without hop-by-hop headers, those a Connection header lists and those of `without`. Order, case
 * and repetition stay.
 */
export function endToEndHeaders(raw: readonly string[], without = noNames): string[] {
  const listed = connectionListed(raw);
  const kept: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] as string;
    if (hopByHop.has(name) || without.has(name) || listed?.has(name.toLowerCase()) === true) continue;
    kept.push(name, raw[at + 1] as string);
  }
  return kept;
}

/** Value of the first header of this lower-case name. */
export function headerOf(raw: readonly string[], name: string): string | undefined {
  for (let at = 0; at + 1 < raw.length; at += 2) {
    if ((raw[at] as string).length === name.length && (raw[at] as string).toLowerCase() === name) return raw[at + 1];
  }
  return undefined;
}

/** Who asked, by what name: for the program, which sees only its agent. */
export interface Origin {
  readonly address: string | undefined;
  readonly host: string | undefined;
  /** `/to/crm`, where the service was named by path. */
  readonly prefix: string;
}

/** Adds to what proxies before this one said; to be called with what `endToEndHeaders` returned. */
export function addForwarded(headers: string[], origin: Origin): void {
  const given = origin.address ?? 'unknown';
  const address = given.startsWith('::ffff:') ? given.slice(7) : given;
  const node = address.includes(':') ? `"[${address}]"` : address;
  const host = origin.host === undefined ? '' : `;host="${origin.host.replace(/["\\]/g, '')}"`;
  append(headers, 'forwarded', `for=${node}${host};proto=http`);
  append(headers, 'x-forwarded-for', address);
  if (headerOf(headers, 'x-forwarded-proto') === undefined) headers.push('x-forwarded-proto', 'http');
  if (origin.host !== undefined && headerOf(headers, 'x-forwarded-host') === undefined) {
    headers.push('x-forwarded-host', origin.host);
  }
  if (origin.prefix !== '') headers.push('x-forwarded-prefix', origin.prefix);
}

/** Makes ` value` the last of the list in the header of this lower-case name. */
export function append(headers: string[], name: string, value: string): void {
  for (let at = headers.length - 2; at >= 0; at -= 2) {
    if ((headers[at] as string).length === name.length && (headers[at] as string).toLowerCase() === name) {
      headers[at + 1] = `${headers[at + 1] as string}, ${value}`;
      return;
    }
  }
  headers.push(name, value);
}

/** Undefined: none. */
function connectionListed(raw: readonly string[]): ReadonlySet<string> | undefined {
  let listed: Set<string> | undefined;
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] as string;
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue;
    for (const option of (raw[at + 1] as string).split(',')) {
      const each = option.trim().toLowerCase();
      if (each === '' || each === 'close' || each === 'keep-alive' || neverListed.has(each)) continue;
      listed ??= new Set();
      listed.add(each);
    }
  }
  return listed;
}
