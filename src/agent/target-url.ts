import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { canonicalIp } from '../protocol/ip-address.ts';
import { isLoopbackHost } from './is-loopback-host.ts';

/** Why this is no URL of a program on this host, for the person who wrote it; undefined when it is one. */
export function checkTargetUrl(text: string): string | undefined {
  const shown = JSON.stringify(text);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.host === '') {
    return `expected an address such as http://127.0.0.1:8080, found ${shown}`;
  }
  const isTcp = url.protocol === 'tcp:';
  if (url.protocol !== 'http:' && !isTcp) {
    return `expected http:// or tcp://, found ${shown}: between the agent and a program on its own host there is no TLS`;
  }
  if (!isLoopbackHost(url.hostname) && isIP(addressOf(url)) === 0) {
    return `${shown} is a name of another host: run an agent there; for a program of this one give localhost, 0.0.0.0 or an address`;
  }
  if (url.username !== '' || url.password !== '') return `${shown} carries a user name or password; leave it out`;
  if (isTcp && url.port === '') return `${shown} names no port, and tcp:// has no usual one`;
  if (isTcp && url.pathname !== '' && url.pathname !== '/') return `${shown} has a path; a TCP program has only a port`;
  if (url.search !== '' || url.hash !== '') return `${shown} has a query or fragment; only a path may follow the port`;
  return undefined;
}

/**
 * As `checkTargetUrl`, for what a program registers itself: an address of this host. Another one may be out of that program's
 * reach, and must not come into it through the agent; the configuration, which is its owner's, may name any.
 */
export function checkRegisteredUrl(text: string): string | undefined {
  const wrong = checkTargetUrl(text);
  if (wrong !== undefined) return wrong;
  const url = new URL(text);
  if (isLoopbackHost(url.hostname) || isOwnAddress(addressOf(url))) return undefined;
  return `${JSON.stringify(text)} is not on this host: only the agent's configuration may name other hosts`;
}

function isOwnAddress(address: string): boolean {
  if (address === '0.0.0.0' || address === '::') return true;
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return own.some((each) => canonicalIp(each.address) === canonicalIp(address));
}

function addressOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}
