import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { type CheckResult, checkResult, failedResult, type Probe } from './check-result.ts';
import type { GrpcWay } from './check-spec.ts';
import { decodeHealthResponse, encodeHealthRequest, healthAnswerBytesMax } from './grpc-health.ts';
import { tlsOptions } from './http-probe.ts';

/** Asks `grpc.health.v1.Health/Check`, on a connection of its own. */
export function grpcProbe(way: GrpcWay): Probe {
  return (done) => {
    let session: ClientHttp2Session | undefined;
    let isGivenUp = false;
    const conclude = (result: CheckResult): void => {
      done(result);
      session?.destroy();
    };
    openSession(way).then(
      (opened) => {
        session = opened;
        opened.on('error', (error: Error) => conclude(failedResult(error)));
        if (isGivenUp) opened.destroy();
        else ask(opened, way.service, conclude);
      },
      (error: Error) => conclude(failedResult(error)),
    );
    return () => {
      isGivenUp = true;
      session?.destroy();
    };
  };
}

async function openSession({ host, port, tls }: GrpcWay): Promise<ClientHttp2Session> {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  if (tls === undefined) return connect(`http://${authority}`);
  return connect(`https://${authority}`, await tlsOptions(tls));
}

function ask(session: ClientHttp2Session, service: string, conclude: (result: CheckResult) => void): void {
  const stream: ClientHttp2Stream = session.request({
    ':method': 'POST',
    ':path': '/grpc.health.v1.Health/Check',
    'content-type': 'application/grpc',
    'user-agent': 'fogata-check',
    te: 'trailers',
  });
  const pieces: Buffer[] = [];
  let bytes = 0;
  let grpc: { readonly status: string; readonly text: string } | undefined;
  const note = (headers: Readonly<Record<string, unknown>>): void => {
    const status = headers['grpc-status'];
    const text = headers['grpc-message'];
    if (typeof status === 'string') grpc = { status, text: typeof text === 'string' ? text : '' };
  };
  stream.on('response', (headers) => {
    if (headers[':status'] !== 200) conclude(checkResult('critical', `HTTP status ${headers[':status'] ?? 0}`));
    // An answer without a message says its end in its beginning.
    note(headers);
  });
  stream.on('trailers', note);
  stream.on('data', (piece: Buffer) => {
    bytes += piece.length;
    if (bytes <= healthAnswerBytesMax) pieces.push(piece);
  });
  stream.on('error', (error: Error) => conclude(failedResult(error)));
  stream.on('end', () => conclude(resultOf(grpc, Buffer.concat(pieces))));
  stream.end(encodeHealthRequest(service));
}

function resultOf(grpc: { readonly status: string; readonly text: string } | undefined, body: Buffer): CheckResult {
  if (grpc !== undefined && grpc.status !== '0') {
    return checkResult('critical', `gRPC status ${grpc.status} ${grpc.text}`.trimEnd());
  }
  const status = decodeHealthResponse(body);
  if (status === undefined) return checkResult('critical', 'the answer is none of grpc.health.v1');
  return checkResult(status === 'SERVING' ? 'passing' : 'critical', status);
}
