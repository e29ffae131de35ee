import { isLoopbackHost } from '../is-loopback-host.ts';

/** Why this is nothing to check by HTTP, for the person who wrote it; undefined when it is. */
export function checkUrlProblem(text: string): string | undefined {
  const shown = JSON.stringify(text);
  if (text.startsWith('/')) {
    return URL.canParse(text, 'http://127.0.0.1') && !text.startsWith('//') ? undefined : `${shown} is no path`;
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    return `expected a path such as /health, or an address such as https://127.0.0.1:8443/health, found ${shown}`;
  }
  if (!isLoopbackHost(url.hostname)) return `${shown} is not on this host: a check looks at its own host only`;
  if (url.username !== '' || url.password !== '') return `${shown} carries a user name or password; use headers`;
  return undefined;
}
