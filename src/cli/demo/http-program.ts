// A plain HTTP program, as it might have stood here for years. It knows nothing of Fogata. Usage: http-program NAME PORT
import { createServer } from 'node:http';
import { systemClock } from '../../runtime/system-clock.ts';
import { systemRandom } from '../../runtime/system-random.ts';

const [name = 'program', port = '0'] = process.argv.slice(2);
const clock = systemClock();
const random = systemRandom();

/** What its database would take. */
const workMsMin = 8;
const workMsSpread = 24;

const server = createServer((request, response) => {
  clock.schedule(workMsMin + random.next() * workMsSpread, () => {
    response.setHeader('content-type', 'application/json');
    response.end(`${JSON.stringify({ from: name, path: request.url, leads: ['Ada', 'Grace', 'Edsger'] })}\n`);
  });
});

server.listen(Number(port), '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') process.stdout.write(`${address.port}\n`);
});
