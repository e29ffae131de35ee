import { request } from 'node:http';
import { isErrorCode } from '../protocol/error-code.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { systemErrorCode } from '../runtime/system-error.ts';

/** Larger than any answer about keys. */
const answerBytesMax = 4_194_304;

/**
 * Asks the agent behind a Unix socket, by its HTTP API. Rejects with the agent's FogataError, or `no-agent` when nobody
 * answers there.
 */
export function askAgent(
  socketPath: string,
  method: 'GET' | 'POST' | 'PATCH',
  path: string,
  body?: object,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const headers = { host: 'localhost', 'content-type': 'application/json' };
    const asked = request({ socketPath, method, path, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
        if (text.length > answerBytesMax) asked.destroy(new FogataError('too-large', "the agent's answer is too long"));
      });
      answer.on('error', (error) => reject(FogataError.from(error)));
      answer.on('end', () => {
        const json = parse(text);
        if (answer.statusCode === 200 && json !== undefined) resolve(json);
        else reject(errorOf(json, answer.statusCode ?? 0));
      });
    });
    asked.on('error', (error) => reject(failure(socketPath, error)));
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An `application/problem+json`. */
function errorOf(json: unknown, status: number): FogataError {
  const { code, detail } = (typeof json === 'object' && json !== null ? json : {}) as Readonly<Record<string, unknown>>;
  if (typeof code !== 'string' || !isErrorCode(code)) return new FogataError('failed', `the agent answered ${status}`);
  return new FogataError(code, typeof detail === 'string' ? detail : code);
}

function failure(socketPath: string, error: Error): FogataError {
  const code = systemErrorCode(error);
  if (code === 'ENOENT' || code === 'ECONNREFUSED') {
    return new FogataError('no-agent', `no agent at ${socketPath}. Start one with: fogata up`, { cause: error });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    const text = `this user may not use the agent at ${socketPath}: run as the user that runs it`;
    return new FogataError('no-agent', text, { cause: error });
  }
  return FogataError.from(error);
}
