import { describe, expect, it } from 'vitest';
import { checksMax, configCheckSchema, type GivenCheck, programCheckSchema } from './check-schema.ts';
import { checkSpecs } from './check-specs.ts';

const target = { service: 'crm', url: 'http://127.0.0.1:8080/api' };
const specOf = (given: GivenCheck) => checkSpecs(target, [given])[0];

describe('a check as it was given', () => {
  it('nothing given: whether somebody listens, each second', () => {
    expect(checkSpecs(target, [])).toEqual([
      {
        ...{ name: 'tcp', intervalMs: 1_000, timeoutMs: 1_000, rise: 1, fall: undefined, graceMs: 10_000 },
        ...{ way: 'tcp', host: '127.0.0.1', port: 8080 },
      },
    ]);
  });

  it.each<[string, GivenCheck, object]>([
    ['a path is from the root', '/health', { name: 'http /health', way: 'http', url: 'http://127.0.0.1:8080/health' }],
    [
      'statuses',
      { http: '/', status: [204, '300-399'] },
      {
        status: [
          [204, 204],
          [300, 399],
        ],
      },
    ],
    ['of 2xx by default', { http: '/' }, { status: [[200, 299]], method: 'GET', contains: undefined }],
    [
      'times',
      { tcp: true, interval: '1.5s', timeout: 250, grace: 0 },
      { intervalMs: 1_500, timeoutMs: 250, graceMs: 0 },
    ],
    ['a short interval shortens the timeout', { tcp: true, interval: '200ms' }, { timeoutMs: 200 }],
    [
      'a command runs each 10 s',
      { command: ['x', 'y'] },
      { command: ['x', 'y'], intervalMs: 10_000, timeoutMs: 5_000 },
    ],
    ['a line goes to the shell', { command: 'x | y' }, { command: ['/bin/sh', '-c', 'x | y'], service: 'crm' }],
    ['a heartbeat', { heartbeat: '5s' }, { way: 'heartbeat', withinMs: 5_000 }],
    ['gRPC of the server', { grpc: true, port: 90 }, { service: '', port: 90, tls: undefined, name: 'grpc' }],
    ['gRPC of a service', { grpc: 'a.B', tls: {} }, { service: 'a.B', tls: { insecure: false }, name: 'grpc a.B' }],
    ['a datagram', { udp: 'ping', expect: 'hex:00FF' }, { send: 'cGluZw==', expect: 'AP8=' }],
    ['its name', { tcp: true, name: 'mine', rise: 2, fall: 3 }, { name: 'mine', rise: 2, fall: 3 }],
  ])('%s', (_what, given, expected) => {
    expect(configCheckSchema.safeParse(given)).toMatchObject({ success: true });
    expect(specOf(given)).toMatchObject(expected);
  });

  it('a program of plain TCP may be asked by HTTP all the same', () => {
    const [spec] = checkSpecs({ service: 'db', url: 'tcp://127.0.0.1:5432' }, ['/health']);
    expect(spec).toMatchObject({ url: 'http://127.0.0.1:5432/health' });
  });

  it('two of one name are told apart', () => {
    expect(checkSpecs(target, ['/a', '/a', '/a']).map(({ name }) => name)).toEqual([
      'http /a',
      'http /a (2)',
      'http /a (3)',
    ]);
  });
});

describe('the bounds of a check', () => {
  it.each<[string, unknown, unknown]>([
    ['interval', { tcp: true, interval: '100ms' }, { tcp: true, interval: '99ms' }],
    ['interval, above', { tcp: true, interval: '1h' }, { tcp: true, interval: '3600001' }],
    ['grace', { tcp: true, grace: '10m' }, { tcp: true, grace: '601s' }],
    ['rise', { tcp: true, rise: 100 }, { tcp: true, rise: 101 }],
    ['fall', { tcp: true, fall: 1 }, { tcp: true, fall: 0 }],
    ['arguments', { command: Array(64).fill('x') }, { command: Array(65).fill('x') }],
    ['name of a gRPC service', { grpc: 'x'.repeat(127) }, { grpc: 'x'.repeat(128) }],
    ['headers', { http: '/', headers: numbered(16) }, { http: '/', headers: numbered(17) }],
    ['statuses', { http: '/', status: Array(16).fill(200) }, { http: '/', status: Array(17).fill(200) }],
    ['datagram', { udp: 'x'.repeat(1_024) }, { udp: 'x'.repeat(1_025) }],
    ['pairs of digits', { udp: 'hex:0a0b' }, { udp: 'hex:0a0' }],
    ['pattern', { http: '/', matches: 'x'.repeat(1_024) }, { http: '/', matches: 'x'.repeat(1_025) }],
    ['a header has no line end', { http: '/', headers: { a: 'b' } }, { http: '/', headers: { a: 'b\r\nc: d' } }],
  ])('%s', (_what, within, beyond) => {
    expect(configCheckSchema.safeParse(within).success).toBe(true);
    expect(configCheckSchema.safeParse(beyond).success).toBe(false);
  });

  it('a program may not have a command run, a file read or a pattern evaluated', () => {
    for (const given of [{ command: 'x' }, { http: '/', tls: { ca: '/x' } }, { http: '/', matches: 'x' }]) {
      expect(configCheckSchema.safeParse(given).success).toBe(true);
      expect(programCheckSchema.safeParse(given).success).toBe(false);
    }
    expect(checksMax).toBe(8);
  });
});

function numbered(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-${i}`, '']));
}
