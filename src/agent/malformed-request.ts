import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { systemErrorCode } from '../runtime/system-error.ts';
import { type ProblemFacts, problemOf } from './problem.ts';

/**
 * Tells a client that what it sent is no request, and closes the connection. `answering` is the answer that is under way
 * on it: where that has begun there is nothing more to say.
 */
export function answerMalformed(error: Error, socket: Duplex, answering: ServerResponse | undefined): void {
  if (!socket.writable || answering?.headersSent === true) {
    socket.destroy();
    return;
  }
  const problem = problemOf(factsOf(error));
  const body = `${JSON.stringify(problem)}\n`;
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'via: 1.1 fogata',
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

function factsOf(error: Error): ProblemFacts {
  const refused = { outcome: 'refused' } as const;
  switch (systemErrorCode(error)) {
    case 'HPE_HEADER_OVERFLOW':
      return { ...refused, code: 'too-large', detail: 'the head of a request has at most 16384 bytes', status: 431 };
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return { ...refused, code: 'too-large', detail: 'the chunk extensions are too long' };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { ...refused, code: 'deadline', detail: 'the head of the request did not come in time', status: 408 };
    default:
      return { ...refused, code: 'invalid', detail: `this is no HTTP/1.1 request: ${error.message}` };
  }
}
