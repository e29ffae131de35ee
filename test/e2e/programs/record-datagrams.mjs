// Loaded before an agent (--import): writes what it sends by UDP to a file, a line of hexadecimal digits and the port for
// each datagram. The file is named after `?to=`.
import dgram from 'node:dgram';
import { openSync, writeSync } from 'node:fs';

const to = new URL(import.meta.url).searchParams.get('to') ?? '';
const file = openSync(to, 'a');
const { send } = dgram.Socket.prototype;

/** @type {(...args: unknown[]) => void} */
function recorded(...args) {
  const [bytes, ...rest] = args;
  const port = rest.find((value) => typeof value === 'number' && value > 1_023 && value !== bytes);
  const parts = Array.isArray(bytes) ? bytes : [bytes];
  writeSync(file, `${String(port)} ${Buffer.concat(parts.map((part) => Buffer.from(part))).toString('hex')}\n`);
  // @ts-expect-error: as it came.
  send.apply(this, args);
}

dgram.Socket.prototype.send = recorded;
