// An ordinary HTTP program: answers each GET with 1 KiB.
import { createServer } from 'node:http';
import { bodyOf } from './body-of.ts';
import { play } from './player.ts';

await play(async (_: unknown) => {
  const body = Buffer.from(bodyOf(1_024));
  const server = createServer({ keepAliveTimeout: 60_000 }, (_request, response) => {
    response.setHeader('content-type', 'application/octet-stream');
    response.setHeader('content-length', body.length);
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  return { player: {}, facts: bound !== null && typeof bound === 'object' ? bound.port : 0 };
});
