// A plain HTTP program that knows nothing of Fogata: ERP, Billing and CRM of the reference story.
// Usage: node plain-program.mjs NAME PORT [HOST]. It says "ready" when it listens.
// Plain JavaScript, as it runs in a process of its own, without a loader in the way of what is measured.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

const [name = 'program', port = '8080', host = '127.0.0.1'] = process.argv.slice(2);
const counts = { requests: 0, begun: 0, abandoned: 0 };

/** What a download consists of, again and again. Odd, so that no boundary of a frame meets one of it. */
const pattern = Buffer.alloc(65_521);
for (let i = 0; i < pattern.length; i += 1) pattern[i] = (i * 31 + (i >> 8)) & 0xff;

/** @param {import('node:http').ServerResponse} response @param {number} total */
function download(response, total) {
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': total });
  let left = total;
  const more = () => {
    while (left > 0) {
      const piece = left < pattern.length ? pattern.subarray(0, left) : pattern;
      left -= piece.length;
      if (!response.write(piece)) return;
    }
    response.off('drain', more);
    response.end();
  };
  response.on('drain', more);
  more();
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {boolean} isHashed
 */
function upload(request, response, isHashed) {
  const hash = createHash('sha256');
  let bytes = 0;
  request.on('data', (/** @type {Buffer} */ piece) => {
    bytes += piece.length;
    if (isHashed) hash.update(piece);
  });
  request.on('end', () => answer(response, { bytes, sha256: isHashed ? hash.digest('hex') : '' }));
}

/** @param {import('node:http').ServerResponse} response @param {object} body */
function answer(response, body) {
  const text = JSON.stringify(body);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://any');
  const [, first = '', second = ''] = pathname.split('/');
  counts.requests += 1;
  if (first === 'bytes') download(response, Number(second));
  else if (first === 'count') upload(request, response, false);
  else if (first === 'hash') upload(request, response, true);
  else if (first === 'counts') answer(response, counts);
  else if (first === 'endless') {
    counts.begun += 1;
    response.on('close', () => (counts.abandoned += 1));
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.write('begun\n');
  } else {
    request.resume();
    request.on('end', () => answer(response, { program: name, method: request.method, path: request.url }));
  }
});

/** An echo for WebSocket clients that send short text frames. */
server.on('upgrade', (request, socket) => {
  const key = request.headers['sec-websocket-key'] ?? '';
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  socket.write(`${[...head, `Sec-WebSocket-Accept: ${accept}`].join('\r\n')}\r\n\r\n`);
  socket.on('error', () => socket.destroy());
  socket.on('end', () => socket.end());
  socket.on('data', (/** @type {Buffer} */ frame) => {
    const length = (frame[1] ?? 0) & 0x7f;
    const mask = frame.subarray(2, 6);
    const payload = Buffer.from(frame.subarray(6, 6 + length).map((byte, i) => byte ^ (mask[i & 3] ?? 0)));
    const isText = ((frame[0] ?? 0) & 0x0f) === 1;
    if (isText) payload.set(Buffer.from(payload.toString('latin1').toUpperCase(), 'latin1'));
    socket.write(Buffer.concat([Buffer.from([frame[0] ?? 0, length]), payload]));
    const isClose = ((frame[0] ?? 0) & 0x0f) === 8;
    if (isClose) socket.end();
  });
});

server.keepAliveTimeout = 30_000;
server.listen(Number(port), host, () => void process.stdout.write('ready\n'));
