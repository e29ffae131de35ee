// A plain HTTP program whose health is set from outside.
// Usage: node health-program.mjs NAME PORT. It says "ready" when it listens.
//   GET /health          answers with the status that was set last, at first 200
//   GET /flip            200 and 500 in turn
//   GET /set/STATUS      sets it, and answers when that is done, by Date.now()
//   anything else        the program's name
import { createServer } from 'node:http';

const [name = 'program', port = '8080'] = process.argv.slice(2);
let status = 200;
let flips = 0;

const server = createServer((request, response) => {
  const [, first = '', second = ''] = (request.url ?? '/').split('/');
  request.resume();
  if (first === 'set') {
    status = Number(second);
    response.end(String(Date.now()));
    return;
  }
  flips += first === 'flip' ? 1 : 0;
  if (first === 'health') response.statusCode = status;
  if (first === 'flip') response.statusCode = flips % 2 === 0 ? 500 : 200;
  response.end(name);
});

server.listen(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'));
