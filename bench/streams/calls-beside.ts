import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Mesh } from 'fogata';

/** What is called, and what is streamed to. */
export interface BesideShape {
  readonly caller: Mesh;
  readonly streamer: Mesh;
  readonly address: string;
  readonly streams: number;
  readonly forMs: number;
}

export interface CallsBeside {
  readonly p50Us: number;
  readonly p99Us: number;
  /** Of all streams together, in megabytes a second. */
  readonly rate: number;
}

/** Calls with 128 bytes, one after the other, while so many streams are written to as fast as they take it. */
export async function callsBeside(shape: BesideShape): Promise<CallsBeside> {
  const { caller, streamer, address, streams, forMs } = shape;
  const chunk = Buffer.alloc(65_536, 7);
  const body = Buffer.alloc(128, 1);
  let isOn = true;
  let bytes = 0;
  const fill = async () => {
    const channel = await streamer.open(address, 'x');
    const ended = once(channel.resume(), 'end');
    for (; isOn; bytes += chunk.length) if (!channel.write(chunk)) await once(channel, 'drain');
    channel.end();
    await ended;
  };
  const filled = Array.from({ length: streams }, fill);
  await pause(500);
  bytes = 0;
  const startedAt = performance.now();
  const tookUs: number[] = [];
  while (performance.now() < startedAt + forMs) {
    const askedAt = performance.now();
    const { outcome } = await caller.call(address, 'ask', { body });
    if (outcome !== 'answered') throw new Error(`a call beside ${streams} streams: ${outcome}`);
    tookUs.push((performance.now() - askedAt) * 1_000);
  }
  const rate = bytes / 1_000 / (performance.now() - startedAt);
  isOn = false;
  await Promise.all(filled);
  tookUs.sort((x, y) => x - y);
  const [p50Us = 0, p99Us = 0] = [0.5, 0.99].map((share) => tookUs[Math.floor(tookUs.length * share)]);
  return { p50Us, p99Us, rate };
}
