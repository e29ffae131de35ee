// Asks at a given rate, whether or not the answers come: what waits for a free connection waits on the clock. The time of a
// request is from when it was due to be sent.
import { connect, type Socket } from 'node:net';
import type { Load, Task } from './load.ts';
import { play } from './player.ts';
import { createSamples } from './samples.ts';

export interface HttpClientSettings {
  readonly port: number;
  readonly path: string;
  readonly connections: number;
}

/** Shorter than what is measured, and long enough not to take a core from those who are measured. */
const pauseMs = 0.1;

interface Line {
  readonly socket: Socket;
  /** When what is under way was due; undefined: free. */
  dueAt: number | undefined;
  /** Bytes of the answer still to come; undefined: its head is not whole yet. */
  left: number | undefined;
  text: string;
}

await play(async ({ port, path, connections }: HttpClientSettings) => {
  const lines: Line[] = [];
  for (let i = 0; i < connections; i += 1) lines.push(await openLine(port));
  return { player: { perform: (task) => openLoop(lines, path, task) } };
});

function openLine(port: number): Promise<Line> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => resolve({ socket, dueAt: undefined, left: undefined, text: '' }));
  });
}

/** `depth` of the task is the rate, a second. */
function openLoop(lines: readonly Line[], path: string, { depth: rate, ms }: Task): Promise<Load> {
  const request = `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`;
  const samples = createSamples();
  const free = [...lines];
  const waiting: number[] = [];
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  const from = performance.now();
  let sent = 0;
  let count = 0;

  function send(line: Line, dueAt: number): void {
    line.dueAt = dueAt;
    line.socket.write(request);
  }

  function answered(line: Line): void {
    count += 1;
    samples.add((performance.now() - (line.dueAt ?? 0)) * 1_000);
    line.dueAt = undefined;
    const next = waiting.shift();
    if (next === undefined) free.push(line);
    else send(line, next);
  }

  for (const line of lines) {
    line.socket.removeAllListeners('data');
    line.socket.on('data', (chunk) => {
      if (took(line, chunk)) answered(line);
    });
  }

  return new Promise((resolve) => {
    const turn = (): void => {
      const now = performance.now();
      const isOver = now - from >= ms;
      for (; !isOver && sent < ((now - from) * rate) / 1_000; sent += 1) {
        const line = free.pop();
        if (line === undefined) waiting.push(now);
        else send(line, now);
      }
      if (isOver && count === sent) {
        resolve({ count, elapsedMs: now - from, latenciesUs: samples.sorted() });
        return;
      }
      Atomics.wait(sleeper, 0, 0, pauseMs);
      setImmediate(turn);
    };
    turn();
  });
}

/** True when the answer is whole. */
function took(line: Line, chunk: Buffer): boolean {
  if (line.left === undefined) {
    line.text += chunk.toString('latin1');
    const end = line.text.indexOf('\r\n\r\n');
    if (end < 0) return false;
    if (!line.text.startsWith('HTTP/1.1 200 ')) throw new Error(line.text.slice(0, 300));
    const length = Number(/content-length: (\d+)/i.exec(line.text)?.[1]);
    line.left = end + 4 + length - line.text.length;
    line.text = '';
  } else {
    line.left -= chunk.length;
  }
  if (line.left > 0) return false;
  line.left = undefined;
  return true;
}
