import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { certificate, certificateKey } from '../../../test/agent/certificate.ts';
import { listen } from '../../../test/agent/proxy-bed.ts';
import type { CheckResult } from './check-result.ts';
import type { HttpWay } from './check-spec.ts';
import { bodyLookedAtMax, httpProbe } from './http-probe.ts';

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const plain: Omit<HttpWay, 'url'> = {
  way: 'http',
  method: 'GET',
  headers: {},
  status: [[200, 299]],
  contains: undefined,
  matches: undefined,
  tls: { ca: undefined, insecure: false, serverName: undefined },
};

async function probed(answer: RequestListener, given: Partial<HttpWay> = {}): Promise<CheckResult> {
  const server = createServer(answer);
  servers.push(server);
  const url = `http://127.0.0.1:${await listen(server)}/health`;
  return new Promise((resolve) => void httpProbe({ ...plain, url, ...given })(resolve));
}

const says =
  (status: number, body = ''): RequestListener =>
  (_request, response) => {
    response.statusCode = status;
    response.end(body);
  };

describe('a check by HTTP', () => {
  it.each<[string, RequestListener, Partial<HttpWay>, CheckResult['state'], string | RegExp]>([
    ['200 passes', says(200, 'ok'), {}, 'passing', '200 ok'],
    ['500 fails', says(500, 'boom'), {}, 'critical', '500 boom'],
    ['429 is a warning', says(429), {}, 'warning', '429'],
    ['a redirect is not followed', says(302), {}, 'critical', '302'],
    [
      'unless it is what is wanted',
      says(302),
      {
        status: [
          [200, 299],
          [302, 302],
        ],
      },
      'passing',
      '302',
    ],
    ['what is outside a narrower range fails', says(204), { status: [[200, 200]] }, 'critical', '204'],
    ['a body may be wanted', says(200, '{"ok":true}'), { contains: '"ok":true' }, 'passing', /^200/],
    ['and may be missing', says(200, '{"ok":false}'), { contains: '"ok":true' }, 'critical', /does not contain/],
    ['a pattern may be wanted', says(200, 'load 0.5'), { matches: '^load 0\\.\\d$' }, 'passing', /^200/],
    ['and not be met', says(200, 'load 1.0'), { matches: '^load 0\\.\\d$' }, 'critical', /does not match/],
  ])('%s', async (_what, answer, given, state, output) => {
    const result = await probed(answer, given);
    expect(result).toMatchObject({ state, isCertain: true });
    expect(result.output).toMatch(output);
  });

  it('sends its method and headers, and says who asks', async () => {
    let seen: unknown;
    await probed(
      (request, response) => {
        seen = [request.method, request.headers['x-token'], request.headers['user-agent']];
        response.end();
      },
      { method: 'HEAD', headers: { 'x-token': 'abc' } },
    );
    expect(seen).toEqual(['HEAD', 'abc', 'fogata-check']);
  });

  it('looks at the first 64 KiB of a body without end', async () => {
    const endless: RequestListener = (_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
      };
      response.on('drain', more);
      more();
    };
    const result = await probed(endless, { matches: `^x{${bodyLookedAtMax}}$` });
    expect(result.state).toBe('passing');
    expect(result.output).toHaveLength(4_096);
    const beyond = await probed(says(200, `${'x'.repeat(bodyLookedAtMax)}y`), { contains: 'y' });
    expect(beyond.state).toBe('critical');
  });

  it('nobody there is certain, and cheap to ask again', async () => {
    const gone = createServer();
    const free = await listen(gone);
    await new Promise((resolve) => gone.close(resolve));
    const result = await new Promise<CheckResult>(
      (resolve) => void httpProbe({ ...plain, url: `http://127.0.0.1:${free}/` })(resolve),
    );
    expect(result).toMatchObject({ state: 'critical', isCertain: true, isAbsent: true });
  });

  it('given up, it lets go of its connection', async () => {
    const server = createServer();
    servers.push(server);
    const url = `http://127.0.0.1:${await listen(server)}/`;
    const giveUp = httpProbe({ ...plain, url })(() => undefined);
    const [request] = (await once(server, 'request')) as [IncomingMessage];
    const closed = once(request.socket, 'close');
    giveUp();
    await closed;
  });

  it('by TLS trusts whom it is told to, or anybody where it is told so', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fogata-'));
    const ca = join(folder, 'ca.pem');
    await writeFile(ca, certificate);
    const server = createSecureServer({ key: certificateKey, cert: certificate }, (_request, response) => {
      response.end('sealed');
    });
    const url = `https://127.0.0.1:${await listen(server)}/health`;
    const asked = (tls: Partial<HttpWay['tls']>): Promise<CheckResult> =>
      new Promise((resolve) => void httpProbe({ ...plain, url, tls: { ...plain.tls, ...tls } })(resolve));
    expect(await asked({ ca, serverName: 'crm.example' })).toMatchObject({ state: 'passing', output: '200 sealed' });
    expect(await asked({ insecure: true })).toMatchObject({ state: 'passing' });
    expect((await asked({})).output).toMatch(/self-signed/);
    expect((await asked({ ca })).output).toMatch(/does not match/);
    expect((await asked({ ca: join(folder, 'none.pem') })).output).toMatch(/ENOENT/);
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });
});
