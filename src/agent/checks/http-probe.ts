import { readFile } from 'node:fs/promises';
import { type ClientRequest, request as plainRequest, type RequestOptions } from 'node:http';
import type { ConnectionOptions } from 'node:tls';
import { type CheckResult, checkResult, failedResult, type Probe } from './check-result.ts';
import type { CheckTls, HttpWay } from './check-spec.ts';

/** Of the body, what is looked at: a page of health is small, and a program may send without end. */
export const bodyLookedAtMax = 65_536;

/** What overload says by convention (as Consul has it): less work, but some. */
const warningStatus = 429;

/** Asks by HTTP, on a connection of its own; a redirect is an answer like any other. */
export function httpProbe(way: HttpWay): Probe {
  const matches = way.matches === undefined ? undefined : new RegExp(way.matches, 'u');
  return (done) => {
    let request: ClientRequest | undefined;
    let isGivenUp = false;

    async function begin(): Promise<void> {
      request = await requestOf(way);
      if (isGivenUp) request.destroy();
      else send(request, (status, body) => done(resultOf(way, matches, status, body)), fail);
    }

    function fail(error: Error): void {
      done(failedResult(error));
    }

    begin().catch(fail);
    return () => {
      isGivenUp = true;
      request?.destroy();
    };
  };
}

function send(
  request: ClientRequest,
  conclude: (status: number, body: string) => void,
  fail: (error: Error) => void,
): void {
  request.on('error', fail);
  request.on('response', (response) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    const end = (): void => {
      const body = Buffer.concat(pieces).subarray(0, bodyLookedAtMax).toString('utf8');
      conclude(response.statusCode ?? 0, body);
    };
    response.on('error', fail);
    response.on('data', (piece: Buffer) => {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes < bodyLookedAtMax) return;
      end();
      request.destroy();
    });
    response.on('end', end);
  });
  request.end();
}

async function requestOf({ url, method, headers, tls }: HttpWay): Promise<ClientRequest> {
  const options: RequestOptions = { method, headers: { 'user-agent': 'fogata-check', ...headers }, agent: false };
  if (!url.startsWith('https:')) return plainRequest(url, options);
  const { request } = await import('node:https');
  return request(url, { ...options, ...(await tlsOptions(tls)) });
}

/** The file is read each time: certificates are renewed. */
export async function tlsOptions({ ca, insecure, serverName }: CheckTls): Promise<ConnectionOptions> {
  return {
    rejectUnauthorized: !insecure,
    ...(ca === undefined ? {} : { ca: await readFile(ca) }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}

function resultOf(way: HttpWay, matches: RegExp | undefined, status: number, body: string): CheckResult {
  const said = `${status}${body === '' ? '' : ` ${body}`}`;
  if (!way.status.some(([from, to]) => status >= from && status <= to)) {
    return checkResult(status === warningStatus ? 'warning' : 'critical', said);
  }
  if (way.contains !== undefined && !body.includes(way.contains)) {
    return checkResult('critical', `the body does not contain ${JSON.stringify(way.contains)}: ${said}`);
  }
  if (matches !== undefined && !matches.test(body)) {
    return checkResult('critical', `the body does not match ${JSON.stringify(way.matches)}: ${said}`);
  }
  return checkResult('passing', said);
}
