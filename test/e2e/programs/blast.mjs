// Throws bytes that mean nothing at a node: datagrams at its own port and at the beacon port, frames at its TCP port.
// Usage: node blast.mjs ADDRESS BROADCAST DATAGRAMS FRAMES SEED. It prints what it has sent.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';

const [address = '', broadcast = '', ...numbers] = process.argv.slice(2);
const [datagrams = 0, frames = 0, seed = 1] = numbers.map(Number);
const ports = { node: 7472, beacon: 7470 };

let state = seed;
/** Xorshift: the same bytes for the same seed. */
function random() {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return state >>> 0;
}

const pool = Buffer.alloc(1 << 20);
for (let at = 0; at < pool.length; at += 4) pool.writeUInt32LE(random(), at);
const piece = (/** @type {number} */ most) => {
  const length = 1 + (random() % most);
  return Buffer.from(pool.subarray(random() % (pool.length - length)).subarray(0, length));
};

/** FNV-1a 64 of the default cluster's name: with it a datagram is looked into. */
const tag = [...Buffer.from('fogata')].reduce(
  (hash, byte) => BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n),
  0xcbf29ce484222325n,
);
const envelope = Buffer.from('FGTA\x01\x00________', 'latin1');
envelope.writeBigUInt64BE(tag, 6);

/** A third each: noise, noise in an envelope, noise in an envelope as one of the known kinds. */
function datagram() {
  const which = random() % 3;
  if (which === 0) return piece(1_400);
  const kind = which === 1 ? piece(1) : Buffer.from([1 + (random() % 6)]);
  return Buffer.concat([envelope, kind, piece(600)]);
}

async function throwDatagrams() {
  const socket = createSocket('udp4');
  socket.on('error', () => undefined);
  socket.bind(0);
  await once(socket, 'listening');
  socket.setBroadcast(true);
  for (let sent = 0; sent < datagrams; ) {
    const batch = Math.min(100, datagrams - sent);
    await new Promise((resolve) => {
      let left = batch;
      const done = () => (left -= 1) === 0 && resolve(undefined);
      for (let i = 0; i < batch; i += 1) {
        const port = random() % 2 === 0 ? ports.node : ports.beacon;
        socket.send(datagram(), port, port === ports.beacon && random() % 4 === 0 ? broadcast : address, done);
      }
    });
    sent += batch;
  }
  socket.close();
}

/** A frame whose length fits, of a known kind or of none; sometimes the length does not fit. */
function frame() {
  const rest = piece(400);
  const head = Buffer.alloc(36);
  head.writeUInt32BE(random() % 16 === 0 ? random() : 32 + rest.length, 0);
  head[4] = random() % 20;
  head[5] = random() % 4;
  rest.copy(head, 8);
  return Buffer.concat([head, rest]);
}

async function throwFrames() {
  const each = 50;
  for (let sent = 0; sent < frames; sent += each) {
    const socket = connect({ host: address, port: ports.node });
    socket.on('error', () => undefined);
    socket.resume();
    socket.end(Buffer.concat(Array.from({ length: each }, frame)));
    await new Promise((resolve) => socket.once('close', resolve));
  }
}

await Promise.all([throwDatagrams(), throwFrames()]);
process.stdout.write(`thrown ${datagrams} datagrams and ${frames} frames\n`);
