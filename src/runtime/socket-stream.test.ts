import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { gatheredBytesMax, gatheredWritesMax, systemStream } from './socket-stream.ts';

it('a socket passes on what it gathers once that is so much, and gathers anew', () => {
  const socket = connect({ host: '127.0.0.1', port: 9 });
  const { stream } = systemStream(socket, { address: '127.0.0.1', port: 9 });
  const byte = new Uint8Array(1);
  stream.gather();
  stream.writeBoth(byte, new Uint8Array(gatheredBytesMax - 2));
  expect([stream.queuedBytes, socket.writableCorked]).toEqual([gatheredBytesMax - 1, 1]);
  stream.writeBoth(byte, new Uint8Array(0));
  expect([stream.queuedBytes, socket.writableCorked]).toEqual([gatheredBytesMax, 0]);
  stream.gather();
  expect(socket.writableCorked).toBe(1);
  stream.destroy();
});

it('a socket holds what is written together until all of it is', () => {
  const socket = connect({ host: '127.0.0.1', port: 9 });
  const { stream } = systemStream(socket, { address: '127.0.0.1', port: 9 });
  const byte = new Uint8Array(1);
  stream.together(() => {
    stream.writeBoth(byte, byte);
    stream.write(byte);
    expect(socket.writableCorked).toBe(1);
  });
  expect([stream.queuedBytes, socket.writableCorked]).toEqual([3, 0]);
  stream.destroy();
});

it('a socket passes on what it gathers once that is so many writes', () => {
  const socket = connect({ host: '127.0.0.1', port: 9 });
  const { stream } = systemStream(socket, { address: '127.0.0.1', port: 9 });
  const byte = new Uint8Array(1);
  stream.gather();
  for (let count = 1; count < gatheredWritesMax; count++) stream.write(byte);
  expect(socket.writableCorked).toBe(1);
  stream.write(byte);
  expect(socket.writableCorked).toBe(0);
  stream.gather();
  expect(socket.writableCorked).toBe(1);
  stream.destroy();
});
