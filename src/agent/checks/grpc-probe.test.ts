import { once } from 'node:events';
import { createSecureServer, createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { certificate, certificateKey } from '../../../test/agent/certificate.ts';
import type { CheckResult } from './check-result.ts';
import { decodeHealthResponse, encodeHealthRequest } from './grpc-health.ts';
import { grpcProbe } from './grpc-probe.ts';

const servers: Http2Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server of grpc.health.v1 that answers by the name of the service. */
async function healthServer(answer: (service: string, stream: ServerHttp2Stream) => void): Promise<number> {
  const server = createServer();
  servers.push(server);
  server.on('stream', (stream, headers) => {
    if (headers[':path'] !== '/grpc.health.v1.Health/Check' || headers['content-type'] !== 'application/grpc') {
      stream.respond({ ':status': 404 }, { endStream: true });
      return;
    }
    const pieces: Buffer[] = [];
    stream.on('data', (piece: Buffer) => pieces.push(piece));
    stream.on('end', () => answer(Buffer.concat(pieces).subarray(7).toString('utf8'), stream));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** An answer as a gRPC server gives it: headers, one message, trailers. */
function respond(stream: ServerHttp2Stream, message: Buffer, status = '0'): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status }));
  stream.end(message);
}

function probed(port: number, service = ''): Promise<CheckResult> {
  return new Promise((resolve) => {
    grpcProbe({ way: 'grpc', host: '127.0.0.1', port, service, tls: undefined })(resolve);
  });
}

describe('a check by gRPC', () => {
  it('asks for the server or for a service, and takes SERVING alone for an answer', async () => {
    const port = await healthServer((service, stream) => {
      const status = { '': 1, 'my.Orders': 2, 'my.Strange': 77 }[service];
      if (status !== undefined) return respond(stream, Buffer.of(0, 0, 0, 0, 2, 0x08, status));
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '5', 'grpc-message': 'unknown service' },
        { endStream: true },
      );
    });
    expect(await probed(port)).toMatchObject({ state: 'passing', output: 'SERVING' });
    expect(await probed(port, 'my.Orders')).toMatchObject({ state: 'critical', output: 'NOT_SERVING' });
    expect(await probed(port, 'my.Strange')).toMatchObject({ state: 'critical', output: 'UNKNOWN' });
    const unknown = await probed(port, 'my.Unknown');
    expect(unknown).toMatchObject({ state: 'critical', output: 'gRPC status 5 unknown service' });
  });

  it('what is no gRPC is critical', async () => {
    const port = await healthServer((_service, stream) => respond(stream, Buffer.from('hello')));
    expect(await probed(port)).toMatchObject({ state: 'critical', output: 'the answer is none of grpc.health.v1' });
    const other = await healthServer((_service, stream) => stream.respond({ ':status': 404 }, { endStream: true }));
    expect(await probed(other)).toMatchObject({ state: 'critical', output: 'HTTP status 404' });
    servers.splice(0).forEach((server) => server.close());
    expect(await probed(1)).toMatchObject({ state: 'critical', isAbsent: true });
  });
});

it('a check by gRPC goes by TLS where it is told to', async () => {
  const server = createSecureServer({ key: certificateKey, cert: certificate });
  server.on('stream', (stream) => respond(stream, Buffer.of(0, 0, 0, 0, 2, 0x08, 1)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const asked = (insecure: boolean): Promise<CheckResult> =>
    new Promise((resolve) => {
      const tls = { ca: undefined, insecure, serverName: undefined };
      grpcProbe({ way: 'grpc', host: '127.0.0.1', port, service: '', tls })(resolve);
    });
  expect(await asked(true)).toMatchObject({ state: 'passing', output: 'SERVING' });
  expect((await asked(false)).output).toMatch(/self-signed/);
  server.close();
});

describe('the messages of grpc.health.v1', () => {
  it('are these bytes', () => {
    expect(encodeHealthRequest('')).toEqual(Buffer.of(0, 0, 0, 0, 0));
    expect(encodeHealthRequest('ab')).toEqual(Buffer.of(0, 0, 0, 0, 4, 0x0a, 2, 0x61, 0x62));
  });

  it.each([
    ['no fields: 0', [0, 0, 0, 0, 0], 'UNKNOWN'],
    ['serving', [0, 0, 0, 0, 2, 0x08, 1], 'SERVING'],
    ['fields of a later version are skipped', [0, 0, 0, 0, 7, 0x12, 3, 1, 2, 3, 0x08, 1], 'SERVING'],
    ['compressed', [1, 0, 0, 0, 2, 0x08, 1], undefined],
    ['shorter than it says', [0, 0, 0, 0, 9, 0x08, 1], undefined],
    ['a field without a value', [0, 0, 0, 0, 1, 0x08], undefined],
    ['a text longer than the message', [0, 0, 0, 0, 2, 0x12, 9], undefined],
    ['a number without an end', [0, 0, 0, 0, 6, 0x08, 0x80, 0x80, 0x80, 0x80, 0x80], undefined],
    ['nothing', [], undefined],
  ])('%s', (_what, bytes, expected) => {
    expect(decodeHealthResponse(Buffer.from(bytes))).toBe(expected);
  });
});
