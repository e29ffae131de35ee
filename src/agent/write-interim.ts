import type { IncomingMessage, ServerResponse } from 'node:http';
import { append, endToEndHeaders, HeaderNames } from './forward-headers.ts';
import type { ResponseHead } from './http-head.ts';

/** It has no body, whatever it says; which instance it is of is not decided yet. */
const notPassedOn = new HeaderNames('content-length', 'fogata-instance');

/**
 * Passes an interim answer on (RFC 9110, 15.2), such as 103 Early Hints, while the final one has not begun. HTTP/1.0 knows
 * none. Node writes only those that it knows itself, so it goes straight to the connection, which is this answer's alone.
 */
export function writeInterim(request: IncomingMessage, response: ServerResponse, head: ResponseHead): void {
  const { socket } = response;
  if (socket === null || response.headersSent || request.httpVersion === '1.0') return;
  const headers = endToEndHeaders(head.headers, notPassedOn);
  append(headers, 'via', '1.1 fogata');
  const lines = [`HTTP/1.1 ${head.status} ${head.reason}`];
  for (let at = 0; at + 1 < headers.length; at += 2)
    lines.push(`${headers[at] as string}: ${headers[at + 1] as string}`);
  socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}
