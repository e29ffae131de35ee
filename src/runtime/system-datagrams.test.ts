import { afterEach, describe, expect, it } from 'vitest';
import type { SocketAddress } from '../protocol/socket-address.ts';
import type { DatagramOptions, DatagramSocket } from './datagrams.ts';
import { systemDatagrams } from './system-datagrams.ts';

const datagrams = systemDatagrams();
const group = '239.192.74.70';

interface Opened {
  readonly socket: DatagramSocket;
  readonly heard: { text: string; from: SocketAddress }[];
  readonly errors: Error[];
  /** Resolves once `count` datagrams were heard. */
  hears(count: number): Promise<void>;
}

const opened: DatagramSocket[] = [];

afterEach(() => {
  for (const socket of opened.splice(0)) socket.close();
});

async function openOne(options: Partial<DatagramOptions> = {}): Promise<Opened> {
  const heard: Opened['heard'] = [];
  const errors: Error[] = [];
  let waiting: { count: number; resolve: () => void } | undefined;
  const check = (): void => {
    if (waiting !== undefined && heard.length >= waiting.count) waiting.resolve();
  };
  const socket = await datagrams.open({
    address: '127.0.0.1',
    port: 0,
    shared: false,
    broadcast: false,
    multicastInterface: undefined,
    onDatagram(bytes, from) {
      heard.push({ text: new TextDecoder().decode(bytes), from });
      check();
    },
    onError: (error) => errors.push(error),
    ...options,
  });
  opened.push(socket);
  return {
    socket,
    heard,
    errors,
    hears: (count) =>
      new Promise((resolve) => {
        waiting = { count, resolve };
        check();
      }),
  };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('system datagrams', () => {
  it('carries bytes, in order, even when the sender reuses its buffer', async () => {
    const a = await openOne();
    const b = await openOne();
    const buffer = new Uint8Array(1);
    for (let digit = 0; digit < 10; digit++) {
      buffer[0] = 48 + digit;
      a.socket.send(buffer, b.socket.local);
    }
    buffer[0] = 33;
    await b.hears(10);
    expect(b.heard.map((one) => one.text).join('')).toBe('0123456789');
    expect(b.heard[0]?.from).toEqual(a.socket.local);
  });

  it('tells a failed send to onError, later, and never throws', async () => {
    const a = await openOne();
    a.socket.send(bytes('x'), { address: '127.0.0.1', port: 0 });
    a.socket.send(new Uint8Array(70_000), { address: '127.0.0.1', port: 9 });
    expect(a.errors).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(a.errors.map((error) => 'code' in error && error.code)).toEqual(['ERR_SOCKET_BAD_PORT', 'EMSGSIZE']);
  });

  it('is silent after close', async () => {
    const a = await openOne();
    a.socket.send(new Uint8Array(70_000), { address: '127.0.0.1', port: 9 });
    a.socket.close();
    a.socket.close();
    a.socket.send(bytes('x'), { address: '127.0.0.1', port: 9 });
    await new Promise((resolve) => setImmediate(resolve));
    expect(a.errors).toEqual([]);
  });

  it('rejects when the port is taken', async () => {
    const a = await openOne();
    await expect(openOne({ port: a.socket.local.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('rejects when a setting is refused', async () => {
    await expect(openOne({ multicastInterface: 'no address' })).rejects.toThrow();
  });

  it('multicast reaches both of two shared sockets', async () => {
    const first = await openOne({ address: '0.0.0.0', shared: true, multicastInterface: '127.0.0.1' });
    const second = await openOne({ address: '0.0.0.0', shared: true, port: first.socket.local.port });
    first.socket.joinGroup(group, '127.0.0.1');
    first.socket.joinGroup(group, '127.0.0.1');
    second.socket.joinGroup(group, '127.0.0.1');
    first.socket.send(bytes('who is there'), { address: group, port: first.socket.local.port });
    await Promise.all([first.hears(1), second.hears(1)]);
    expect(first.heard).toEqual(second.heard);
    expect(second.heard[0]).toEqual({
      text: 'who is there',
      from: { address: '127.0.0.1', port: first.socket.local.port },
    });
    second.socket.leaveGroup(group, '127.0.0.1');
    second.socket.leaveGroup(group, '127.0.0.1');
  });

  it('joinGroup throws when there is no such interface', async () => {
    const a = await openOne({ address: '0.0.0.0' });
    expect(() => a.socket.joinGroup(group, '192.0.2.1')).toThrow();
  });

  it('IPv4 and IPv6 sockets live side by side on one port', async (context) => {
    const four = await openOne({ address: '0.0.0.0', shared: true });
    const port = four.socket.local.port;
    const six = await openOne({ address: '::', shared: true, port }).catch(() => undefined);
    if (six === undefined) return context.skip('no IPv6 here');
    const sender = await openOne({ address: '::1' });
    sender.socket.send(bytes('six'), { address: '::1', port });
    await six.hears(1);
    expect(six.heard[0]?.from.address).toBe('::1');
    expect(four.heard).toEqual([]);
  });
});
