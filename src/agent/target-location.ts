import { canonicalIp } from '../protocol/ip-address.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';

/** Where a program of this host listens. */
export interface TargetLocation {
  /** IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** As the Host header says it: `127.0.0.1:8080`. */
  readonly authority: string;
  /** `/api`, or `''`. Never ends with a slash. */
  readonly basePath: string;
  /** What others are told of it; undefined with a base path, below which it is something else for who comes directly. */
  readonly endpoint: SocketAddress | undefined;
}

/** Whoever listens at all addresses is reached at this one. */
const ownAddress: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** `url` has passed `checkTargetUrl`. */
export function targetLocation(url: string): TargetLocation {
  const { hostname, port: portGiven, pathname } = new URL(url);
  const given = hostname.replace(/^\[(.*)\]$/, '$1');
  const host = ownAddress[given] ?? given;
  const port = portGiven === '' ? 80 : Number(portGiven);
  const basePath = pathname.replace(/\/+$/, '');
  // A name that passed is one of loopback.
  const address = canonicalIp(given) ?? '127.0.0.1';
  return {
    host,
    port,
    authority: `${host.includes(':') ? `[${host}]` : host}${portGiven === '' ? '' : `:${portGiven}`}`,
    basePath,
    endpoint: basePath === '' ? { address, port } : undefined,
  };
}

/** The path to ask the program for; undefined when it would lead out of the base path. */
export function pathAt(location: TargetLocation, target: string): string | undefined {
  if (location.basePath === '') return target;
  if (target === '*' || hasDotSegment(target)) return undefined;
  return location.basePath + target;
}

/** A path a program sends its client to, as the client knows it: without the address and base path only this host knows. */
export function withoutLocation(location: TargetLocation, url: string): string {
  const own = `http://${location.authority}`;
  const isOwn = url.toLowerCase().startsWith(own) && /^(?:[/?#]|$)/.test(url.slice(own.length));
  const path = isOwn ? url.slice(own.length) : url;
  if (!isOwn && !path.startsWith('/')) return url;
  const { basePath } = location;
  const isBelow = basePath !== '' && path.startsWith(basePath) && /^(?:[/?#]|$)/.test(path.slice(basePath.length));
  const rest = isBelow ? path.slice(basePath.length) : path;
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** Some servers take what follows a `;` for a parameter of the segment, and leave it out. */
function hasDotSegment(target: string): boolean {
  const path = target.split(/[?#]/, 1)[0] ?? '';
  return path.split(/[/\\]|%2f|%5c/i).some((segment) => /^(?:\.|%2e){1,2}(?:;|$)/i.test(segment));
}
