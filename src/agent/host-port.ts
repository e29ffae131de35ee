import { isIP } from 'node:net';

export interface HostPort {
  /** A host name or an address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

const hostName = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/i;

/** `HOST:PORT`, `HOST`, `[::1]:PORT` or `::1`; the missing port is `defaultPort`. Undefined for all else. */
export function parseHostPort(text: string, defaultPort: number | undefined): HostPort | undefined {
  if (isIP(text) === 6) return withPort(text, undefined, defaultPort);
  const bracketed = /^\[([^\]]*)\](?::(\d{1,5}))?$/.exec(text);
  if (bracketed) {
    const host = bracketed[1] ?? '';
    return isIP(host) === 6 ? withPort(host, bracketed[2], defaultPort) : undefined;
  }
  const plain = /^([^:]*)(?::(\d{1,5}))?$/.exec(text);
  const host = plain?.[1] ?? '';
  const looksNumeric = /^[0-9.]+$/.test(host);
  if (looksNumeric ? isIP(host) !== 4 : !hostName.test(host)) return undefined;
  return withPort(host, plain?.[2], defaultPort);
}

/** As `parseHostPort`, but a port that is not given stays open. */
export function parseAdvertised(
  text: string,
): { readonly host: string; readonly port: number | undefined } | undefined {
  const whole = parseHostPort(text, undefined);
  if (whole !== undefined) return whole;
  const bare = parseHostPort(text, 1);
  return bare === undefined ? undefined : { host: bare.host, port: undefined };
}

export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** True for names and addresses that never leave this host. Brackets of IPv6 are permitted. */
export function isLoopbackHost(host: string): boolean {
  const plain = host
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
  if (plain === 'localhost' || plain.endsWith('.localhost') || plain === '::1') return true;
  return isIP(plain) === 4 && plain.startsWith('127.');
}

function withPort(host: string, digits: string | undefined, defaultPort: number | undefined): HostPort | undefined {
  const port = digits === undefined ? defaultPort : Number(digits);
  return port !== undefined && port >= 1 && port <= 65_535 ? { host, port } : undefined;
}
