import { isName } from '../protocol/names.ts';

/** Where a request at the agent's HTTP port is to go. */
export type ProxyTarget =
  | {
      readonly kind: 'service';
      readonly service: string;
      /** `''` the best instance, else the name of a node. */
      readonly node: string;
      /** What the program is asked for: path and query, or `*`. */
      readonly path: string;
      /** What was cut off the path: `/to/crm`, or `''` when the service was named otherwise. */
      readonly prefix: string;
    }
  | { readonly kind: 'local' }
  | { readonly kind: 'refused'; readonly status: 400 | 403 | 421; readonly reason: string };

const pathPrefix = '/to/';
const domains = ['.localhost', '.fogata'];

/** `crm.db1.node`: the instance of a service on a node, as DNS calls it. */
const instanceName = /^(.+)\.([^.]+)\.node$/;

/** Names of this host that no foreign DNS server can point here: only by these the agent's own API is reached. */
const ownHosts: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Reads whom a request names: by Host (`crm.localhost`, `crm.fogata`, `crm.db1.node.fogata`), by path (`/to/crm/…`, `/to/crm@db1/…`), or as a
 * client of an HTTP proxy (`http://crm.fogata/…`). `url` is the request line's, `host` the Host header.
 */
export function proxyTarget(url: string, host: string | undefined): ProxyTarget {
  if (url.startsWith('/') || url === '*') {
    // Without a Host it is HTTP/1.0, which no browser speaks, so nobody was led here by a rebound name.
    return host === undefined ? ownTarget(url) : hostTarget(host, url);
  }
  return absoluteTarget(url);
}

/** A request as a client of an HTTP proxy sends it; its Host header counts for nothing (RFC 9112, 3.2.2). */
function absoluteTarget(url: string): ProxyTarget {
  const match = /^(https?):\/\/([^/?#]*)(.*)$/is.exec(url);
  if (match === null) return refused(400, 'the request target is neither a path nor an http:// URL');
  const [, scheme = '', authority = '', rest = ''] = match;
  if (scheme.toLowerCase() !== 'http') return refused(403, 'services are reached by http://, not https://');
  const target = hostTarget(authority, rest.startsWith('/') ? rest : `/${rest}`);
  if (target.kind !== 'refused' || target.status !== 421) return target;
  return refused(403, `this is no open proxy: it leads to services only, as http://NAME.fogata/; ${target.reason}`);
}

function hostTarget(text: string, path: string): ProxyTarget {
  const host = hostName(text);
  if (host === undefined) return refused(400, 'the Host is malformed');
  if (ownHosts.has(host)) return ownTarget(path);
  const domain = domains.find((each) => host.endsWith(each));
  if (domain === undefined) {
    return refused(421, `the host ${JSON.stringify(host)} is not served here; name a service as NAME.localhost`);
  }
  const name = host.slice(0, -domain.length);
  const [, service = name, node = ''] = instanceName.exec(name) ?? [];
  if (!isName(service) || (node !== '' && !isName(node))) {
    return refused(400, `${JSON.stringify(name)} is no name of a service`);
  }
  return { kind: 'service', service, node, path, prefix: '' };
}

function ownTarget(path: string): ProxyTarget {
  if (!path.startsWith(pathPrefix)) return { kind: 'local' };
  const end = path.slice(pathPrefix.length).search(/[/?]/);
  const segment = end < 0 ? path.slice(pathPrefix.length) : path.slice(pathPrefix.length, pathPrefix.length + end);
  const rest = path.slice(pathPrefix.length + segment.length);
  const address = segment.replace(/%40/, '@');
  const at = address.indexOf('@');
  const service = at < 0 ? address : address.slice(0, at);
  const node = at < 0 ? '' : address.slice(at + 1);
  if (node === '*') return refused(400, 'an HTTP request goes to one instance; NAME@* is for messages');
  if (!isName(service) || (at >= 0 && !isName(node))) {
    return refused(400, `${JSON.stringify(segment)} is no service; it is /to/NAME/… or /to/NAME@NODE/…`);
  }
  return {
    kind: 'service',
    service,
    node,
    path: rest.startsWith('/') ? rest : `/${rest}`,
    prefix: pathPrefix + segment,
  };
}

/** The host of `host:port`. Host names know no case, and one final dot changes nothing. */
function hostName(authority: string): string | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{0,5})?$/i.exec(authority);
  const name = match?.[1]?.toLowerCase();
  return name?.endsWith('.') === true ? name.slice(0, -1) : name;
}

function refused(status: 400 | 403 | 421, reason: string): ProxyTarget {
  return { kind: 'refused', status, reason };
}
