import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { acceptedStream, createReadBuffer } from './accepted-stream.ts';

let server: Server;
let client: Socket;

afterEach(() => {
  client.destroy();
  server.close();
});

/** What comes over an accepted connection whose first bytes were read and put back, cut as they came. */
async function read(options: { readonly buffer?: Uint8Array; readonly prepare?: (socket: Socket) => void }) {
  server = createServer({ allowHalfOpen: true });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write('first ');
  const [socket] = (await once(server, 'connection')) as [Socket];
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  socket.pause();
  socket.unshift(bytes);
  options.prepare?.(socket);
  const stream = acceptedStream(socket, { address: '127.0.0.1', port: 1 }, options.buffer);
  let text = '';
  const inside: boolean[] = [];
  const closed = new Promise<Error | undefined>((resolve) => {
    stream.start({
      onConnect() {},
      onData(chunk) {
        text += Buffer.from(chunk).toString();
        inside.push(options.buffer !== undefined && chunk.buffer === options.buffer.buffer);
      },
      onDrain() {},
      onEnd: () => stream.end(),
      onClose: resolve,
    });
  });
  client.write('second ');
  await new Promise<void>((resolve) => client.end('third', resolve));
  expect(await closed).toBeUndefined();
  return { text, inside };
}

describe('an accepted stream', () => {
  it('reads what was put back, and the rest into the buffer it was given', async () => {
    const { text, inside } = await read({ buffer: createReadBuffer(65_536) });
    expect(text).toBe('first second third');
    expect(inside[0]).toBe(false);
    expect(inside.slice(1)).not.toContain(false);
    expect(inside.length).toBeGreaterThan(1);
  });

  it('reads as Node does without one, and where Node is not as expected', async () => {
    expect((await read({})).text).toBe('first second third');
    client.destroy();
    server.close();
    const prepare = (socket: Socket) => {
      const slot = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'kBufferCb');
      if (slot !== undefined) Reflect.deleteProperty(socket, slot);
    };
    const { text, inside } = await read({ buffer: createReadBuffer(65_536), prepare });
    expect(text).toBe('first second third');
    expect(inside).not.toContain(true);
  });
});
