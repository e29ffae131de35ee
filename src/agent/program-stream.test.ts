import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AcceptedStream, StreamEvents } from '../delivery/mesh-stream.ts';
import type { MessageId } from '../protocol/ids.ts';
import { decodeResponseHead, encodeHead, type RequestHead } from './http-head.ts';
import { type HttpTarget, httpTarget } from './http-target.ts';
import { targetLocation } from './target-location.ts';

let server: Server;
let accepted: Socket[];
let target: HttpTarget;
/** What the program does with the text of a request. */
let answer: (text: string, socket: Socket) => void;

beforeEach(async () => {
  accepted = [];
  server = createServer((socket) => {
    accepted.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => answer(bytes.toString('latin1'), socket));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const location = targetLocation(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  target = httpTarget({ location, deliverTo: 'command', onLoad() {}, onRefused() {} });
});

afterEach(() => {
  target.close();
  for (const socket of accepted) socket.destroy();
  server.close();
});

interface Asked {
  /** What the mesh tells the program's side. */
  readonly events: StreamEvents;
  /** What the program's side has told the mesh, one word for each. */
  readonly told: string[];
  /** Until that has been told. */
  until(word: string): Promise<void>;
}

/** Opens a stream to the program as a peer does whose client reads slowly. */
function ask(fields: Partial<RequestHead> = {}, idempotent = true): Asked {
  const told: string[] = [];
  let look = (): void => undefined;
  const tell = (word: string): void => {
    told.push(word);
    look();
  };
  const request: RequestHead = { method: 'GET', target: '/', headers: [], framing: 'none', ...fields };
  const stream: AcceptedStream = {
    head: {
      ...{ id: '0'.repeat(32) as MessageId, bodyKind: 'json', attempt: 0, service: 'crm', node: '' },
      ...{ command: 'http', fromService: '', fromNode: 'db1', params: {} },
    },
    body: encodeHead(request),
    idempotent,
    deadlineMs: Number.POSITIVE_INFINITY,
    unwrittenBytes: () => Number.POSITIVE_INFINITY,
    ready: () => tell('ready'),
    accept: ({ body }) => tell(`accept ${decodeResponseHead(body)?.status}`),
    write(bytes) {
      tell(Buffer.from(bytes).toString('latin1'));
      return false;
    },
    end: () => tell('end'),
    endWith(bytes) {
      tell(Buffer.from(bytes).toString('latin1'));
      tell('end');
    },
    reset: (code) => tell(`reset ${code}`),
    consumed() {},
  };
  const events = target.open(stream);
  const until = (word: string): Promise<void> =>
    new Promise((resolve) => {
      look = () => void (told.includes(word) && resolve());
      look();
    });
  return { events, told, until };
}

/** Until the loop has gone round: what is settled behind an answer is settled. */
const soon = () => new Promise(setImmediate);
const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

describe('a connection that carries the next request', () => {
  it('is not closed because the client of the request before goes away', async () => {
    answer = (_, socket) => void socket.write(ok);
    const first = ask();
    await first.until('end');
    await soon();
    let asked!: (socket: Socket) => void;
    const asking = new Promise<Socket>((resolve) => (asked = resolve));
    answer = (_, socket) => asked(socket);
    const second = ask();
    const socket = await asking;
    expect(accepted).toEqual([socket]);
    first.events.onReset('cancelled', 'the client went away');
    await soon();
    socket.write(ok);
    await second.until('end');
    expect(second.told).toEqual(['accept 200', 'ok', 'end']);
  });

  it('that the program closes before anything was asked is replaced, whatever the method', async () => {
    answer = (_, socket) => void socket.write(ok);
    await ask().until('end');
    await soon();
    const second = ask({ method: 'POST', headers: ['content-length', '2'], framing: 'length' }, false);
    accepted[0]?.end();
    while (accepted.length < 2) await soon();
    second.events.onData(Buffer.from('hi'));
    second.events.onEnd();
    await second.until('end');
    expect(second.told.filter((word) => word !== 'ready')).toEqual(['accept 200', 'ok', 'end']);
  });

  it('that the program closes once it may have been asked is not, where that may not be done twice', async () => {
    answer = (_, socket) => void socket.write(ok);
    await ask().until('end');
    await soon();
    answer = (_, socket) => void socket.end();
    const second = ask({ method: 'POST' }, false);
    await second.until('reset link-lost');
    expect(accepted).toHaveLength(1);
  });
});
