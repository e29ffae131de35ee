import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import type { CheckResult } from './check-result.ts';
import { udpProbe } from './udp-probe.ts';

const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

/** Answers each datagram with its bytes in the reverse order. */
async function mirror(): Promise<number> {
  const socket = createSocket('udp4');
  sockets.push(socket);
  socket.on('message', (bytes, from) => socket.send(Buffer.from(bytes).reverse(), from.port, from.address));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket.address().port;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

function probed(port: number, expected?: string): Promise<CheckResult> {
  const expect = expected === undefined ? undefined : base64(expected);
  return new Promise((resolve) => {
    udpProbe({ way: 'udp', host: '127.0.0.1', port, send: base64('ping'), expect })(resolve);
  });
}

describe('a check by datagram', () => {
  it('any answer will do, unless it is said which', async () => {
    const port = await mirror();
    expect(await probed(port)).toMatchObject({ state: 'passing', output: '4 bytes: "gnip"' });
    expect(await probed(port, 'nip')).toMatchObject({ state: 'passing' });
    const other = await probed(port, 'pong');
    expect([other.state, other.output]).toEqual(['critical', 'not what is expected: 4 bytes: "gnip"']);
  });

  it('a closed port is known at once', async () => {
    const port = await mirror();
    const closed = once(sockets[0] as Socket, 'close');
    sockets.pop()?.close();
    await closed;
    expect(await probed(port)).toMatchObject({ state: 'critical', isCertain: true, isAbsent: true });
  });

  it('may be given up, twice', async () => {
    const giveUp = udpProbe({ way: 'udp', host: '127.0.0.1', port: await mirror(), send: '', expect: undefined })(
      () => undefined,
    );
    giveUp();
    giveUp();
  });
});
