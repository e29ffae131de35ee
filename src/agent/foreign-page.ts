import type { IncomingHttpHeaders } from 'node:http';
import { isLoopbackHost } from './is-loopback-host.ts';

/**
 * True when a web page of another site made a browser on this host send this request. Such a page needs no rebound name
 * to reach a service, and a plain form or a WebSocket asks nobody for permission. Links that people follow are let
 * through. What a server passed on for a browser elsewhere says so (`via`, `forwarded`) and is that server's affair; a page
 * cannot set these names unless the program itself has permitted it.
 */
export function isForeignPage(method: string, headers: IncomingHttpHeaders, isUpgrade: boolean): boolean {
  if (headers.via !== undefined || headers.forwarded !== undefined || headers['x-forwarded-for'] !== undefined) {
    return false;
  }
  const site = headers['sec-fetch-site'];
  const { origin } = headers;
  if (origin !== undefined && isOwnOrigin(origin)) return false;
  // A browser that does not say where the page is from: its WebSockets still name their origin.
  if (site === undefined) return isUpgrade && origin !== undefined;
  if (site !== 'cross-site') return false;
  const followsLink = headers['sec-fetch-mode'] === 'navigate' && (method === 'GET' || method === 'HEAD');
  return !followsLink;
}

function isOwnOrigin(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { hostname } = new URL(origin);
  return isLoopbackHost(hostname) || hostname.endsWith('.fogata');
}
