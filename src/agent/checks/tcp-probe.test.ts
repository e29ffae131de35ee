import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { listen } from '../../../test/agent/proxy-bed.ts';
import type { CheckResult } from './check-result.ts';
import { tcpProbe } from './tcp-probe.ts';

it('tells a listener from none', async () => {
  const server = createServer();
  const port = await listen(server);
  const probe = tcpProbe({ way: 'tcp', host: '127.0.0.1', port });
  const tried = () => new Promise<CheckResult>((resolve) => void probe(resolve));
  expect(await tried()).toMatchObject({ state: 'passing' });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(await tried()).toMatchObject({ state: 'critical', isCertain: true, isAbsent: true });
});
