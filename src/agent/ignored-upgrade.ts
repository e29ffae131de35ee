import type { IncomingMessage } from 'node:http';

/** Of the upgrade only: without it they say nothing. */
const withUpgrade: ReadonlySet<string> = new Set(['upgrade', 'http2-settings']);

/**
 * The head of a request as its client would have sent it without asking for another protocol. A server may ignore that
 * wish (RFC 9110, 7.8), and clients that would rather speak HTTP/2 count on it: they ask each time, with and without a body.
 */
export function headWithoutUpgrade(request: IncomingMessage): Buffer {
  const { method = 'GET', url = '/', httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    const value = rawHeaders[at + 1] as string;
    const lower = name.toLowerCase();
    if (withUpgrade.has(lower)) continue;
    const kept = lower === 'connection' ? withoutListed(value) : value;
    if (kept !== undefined) lines.push(`${name}: ${kept}`);
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

function withoutListed(connection: string): string | undefined {
  const kept = connection.split(',').filter((option) => !withUpgrade.has(option.trim().toLowerCase()));
  return kept.length === 0 ? undefined : kept.join(',').trim();
}
