// Calls a service at a steady rate, whether or not the calls before have come back, until a line comes in; then it prints
// one line of JSON: [when (ms since the epoch), how long (ms), what was wrong ('' nothing), who answered] of each call.
// Usage: node caller.mjs http HOST:PORT SERVICE RATE
//        node caller.mjs messages SOCKET SERVICE RATE LIBRARY   (LIBRARY: the built package, as a file URL)
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';

const [way = 'http', where = '', service = 'crm', rate = '200', library = ''] = process.argv.slice(2);

/** @typedef {{ wrong: string, by: string }} Called */

/** @returns {{ call: () => Promise<Called>, close: () => unknown }} */
function httpCall() {
  const agent = new Agent({ keepAlive: true });
  const [host = '', port = ''] = where.split(':');
  const options = { host, port: Number(port), path: '/leads', agent, headers: { host: `${service}.localhost` } };
  /** @returns {Promise<Called>} */
  const call = () =>
    new Promise((resolve) => {
      const failed = (/** @type {Error} */ error) => resolve({ wrong: error.message, by: '' });
      const request = httpRequest({ ...options, timeout: 20_000 }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece) => (text += piece));
        response.on('error', failed);
        response.on('end', () => {
          if (response.statusCode !== 200) return resolve({ wrong: `${response.statusCode} ${text}`, by: '' });
          const { program } = /** @type {{ program: string }} */ (JSON.parse(text));
          resolve({ wrong: '', by: program });
        });
      });
      request.on('timeout', () => request.destroy(new Error('no answer within 20 s')));
      request.on('error', failed);
      request.end();
    });
  return { call, close: () => agent.destroy() };
}

/** @returns {Promise<{ call: () => Promise<Called>, close: () => unknown }>} */
async function messageCall() {
  const { connect } = /** @type {typeof import('../../../src/index.ts')} */ (await import(library));
  const mesh = await connect(where);
  const call = async () => {
    /** @type {import('../../../src/index.ts').Outcome<{ program: string }>} */
    const outcome = await mesh.call(service, 'leads', { idempotent: true });
    if (outcome.outcome === 'answered') return { wrong: '', by: outcome.reply.body.program };
    return { wrong: `${outcome.outcome} ${'reason' in outcome ? outcome.reason : ''}`, by: '' };
  };
  return { call, close: () => mesh.close() };
}

const { call, close } = way === 'http' ? httpCall() : await messageCall();
/** @type {[number, number, string, string][]} */
const calls = [];
let underWay = 0;
let isOver = false;
let begun = 0;
await call();
const startedAt = performance.now();
const gapMs = 1000 / Number(rate);

/** A late timer makes up for what it missed; each call counts from when it was due. */
function begin() {
  const now = performance.now();
  while (startedAt + begun * gapMs <= now) {
    const dueAt = startedAt + begun * gapMs;
    begun += 1;
    underWay += 1;
    const keep = (/** @type {Called} */ { wrong, by }) => {
      underWay -= 1;
      calls.push([performance.timeOrigin + dueAt, performance.now() - dueAt, wrong, by]);
      if (isOver && underWay === 0) finish();
    };
    call().then(keep, (error) => keep({ wrong: String(error), by: '' }));
  }
}

function finish() {
  process.stdout.write(`calls ${JSON.stringify(calls)}\n`);
  close();
  process.stdin.destroy();
}

const timer = setInterval(begin, Math.min(5, gapMs));
process.stdout.write('calling\n');
await once(process.stdin, 'data');
clearInterval(timer);
isOver = true;
if (underWay === 0) finish();
