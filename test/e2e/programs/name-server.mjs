// A name server for one zone. Usage: node name-server.mjs ZONE, where ZONE is JSON, {name: {type: data[]}}.
import { createSocket } from 'node:dgram';
import { decode, encode } from 'dns-packet';

const zone = /** @type {Record<string, Record<string, readonly unknown[]>>} */ (
  /** @type {unknown} */ (JSON.parse(process.argv[2] ?? '{}'))
);

const socket = createSocket('udp4');
socket.on('message', (bytes, from) => {
  const { id, questions = [] } = decode(bytes);
  const [question] = questions;
  if (question === undefined) return;
  const { name, type } = question;
  const known = zone[name.toLowerCase()];
  // 0x0480: it is authoritative, and answers for others; 3: there is no such name.
  const flags = 0x0480 | (known === undefined ? 3 : 0);
  const answers = (known?.[type] ?? []).map(
    (data) => /** @type {import('dns-packet').Answer} */ ({ name, type, ttl: 1, data }),
  );
  socket.send(
    encode({ ...(id === undefined ? {} : { id }), type: 'response', flags, questions, answers }),
    from.port,
    from.address,
  );
});
socket.bind(53, '127.0.0.1', () => process.stdout.write('ready\n'));
