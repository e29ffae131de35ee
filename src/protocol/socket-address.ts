import { canonicalIp } from './ip-address.ts';

/** An IP address and a port. `address` may carry a scope for IPv6 link-local: `fe80::1%eth0`. */
export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

/** `192.0.2.1:7472`, `[2001:db8::1]:7472`: the one way an address is shown and compared. */
export function formatSocketAddress(where: SocketAddress): string {
  return where.address.includes(':') ? `[${where.address}]:${where.port}` : `${where.address}:${where.port}`;
}

/** A host, by name or by IP address, and a port. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/**
 * `db1:7472`, `192.0.2.1:7472`, `[2001:db8::1]:7472`; without a port where there is a default. A bare IPv6 address needs no
 * brackets when it has no port. IP addresses come out canonical; host names are not resolved.
 */
export function parseHostPort(text: string, portDefault?: number): HostPort | undefined {
  const bare = text.includes(':', text.indexOf(':') + 1) ? canonicalIp(text) : undefined;
  if (bare !== undefined) return withPort(bare, undefined, portDefault);
  const [, literal, name, port] = /^(?:\[([^\]]*)\]|([^:[\]]+))(?::([0-9]{1,5}))?$/.exec(text) ?? [];
  if (literal !== undefined)
    return withPort(literal.includes(':') ? canonicalIp(literal) : undefined, port, portDefault);
  return name === undefined ? undefined : withPort(canonicalIp(name) ?? hostName(name), port, portDefault);
}

/** As `parseHostPort`, but a port that is not given stays open. */
export function parseHost(text: string): { readonly host: string; readonly port: number | undefined } | undefined {
  const whole = parseHostPort(text);
  if (whole !== undefined) return whole;
  const bare = parseHostPort(text, 1);
  return bare === undefined ? undefined : { host: bare.host, port: undefined };
}

/** The way a host and port are shown, whatever the host is. */
export function formatHostPort({ host, port }: HostPort): string {
  return formatSocketAddress({ address: host, port });
}

/** As `parseHostPort`, but only IP addresses. */
export function parseSocketAddress(text: string, portDefault?: number): SocketAddress | undefined {
  const where = parseHostPort(text, portDefault);
  return where === undefined || canonicalIp(where.host) === undefined
    ? undefined
    : { address: where.host, port: where.port };
}

function withPort(host: string | undefined, port: string | undefined, portDefault: number | undefined) {
  const number = port === undefined ? portDefault : Number(port);
  if (host === undefined || number === undefined || number < 1 || number > 65_535) return undefined;
  return { host, port: number };
}

/** RFC 1123, with underscores, which names of services and of containers have. Numbers alone are an IP address gone wrong. */
function hostName(text: string): string | undefined {
  if (text.length > 253 || /^[0-9.]+$/.test(text)) return undefined;
  const label = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/;
  const labels = text.replace(/\.$/, '').split('.');
  return labels.every((part) => label.test(part)) ? text.toLowerCase() : undefined;
}
