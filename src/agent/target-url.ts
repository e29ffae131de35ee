import { isLoopbackHost } from './host-port.ts';

/** Why this is no URL of a program on this host, for the person who wrote it; undefined when it is one. */
export function checkTargetUrl(text: string): string | undefined {
  const shown = JSON.stringify(text);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.host === '') {
    return `expected an address such as http://127.0.0.1:8080, found ${shown}`;
  }
  if (url.protocol !== 'http:') {
    return `expected http://, found ${shown}: between the agent and a program on its own host there is no TLS`;
  }
  if (!isLoopbackHost(url.hostname)) {
    return `${shown} is not on this host: an agent serves programs on loopback; run an agent on that host too`;
  }
  if (url.username !== '' || url.password !== '') return `${shown} carries a user name or password; leave it out`;
  if (url.search !== '' || url.hash !== '') return `${shown} has a query or fragment; only a path may follow the port`;
  return undefined;
}
