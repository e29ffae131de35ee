import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { ReceivedAlike } from '../src/protocol/alike.ts';
import { decodeCredit } from '../src/protocol/credit.ts';
import { decodeDatagram } from '../src/protocol/datagram.ts';
import { ReceivedDelivered } from '../src/protocol/delivered.ts';
import { FrameKind } from '../src/protocol/frame.ts';
import { createFrameParser } from '../src/protocol/frame-parser.ts';
import { decodeGoaway } from '../src/protocol/goaway.ts';
import { decodeHello } from '../src/protocol/hello.ts';
import { frameBytesMax } from '../src/protocol/limits.ts';
import { decodeMessageHead, peekMessageTarget } from '../src/protocol/message-head.ts';
import { ReceivedRun } from '../src/protocol/message-run.ts';
import { decodePayload } from '../src/protocol/payload.ts';
import { Reader } from '../src/protocol/reader.ts';
import type { ReceivedFrame } from '../src/protocol/received-frame.ts';
import { decodeReplyHead } from '../src/protocol/reply-head.ts';
import { decodeReset } from '../src/protocol/reset.ts';
import { decodeSync } from '../src/protocol/sync.ts';
import { datagrams, frames, tag } from './interop/protocol-samples.ts';

const million = 1_000_000;
const timeoutMs = 120_000;
const heapGrowthBytesMax = 8_388_608;

/** xorshift32: the same numbers every time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Good bytes, cut, changed, or made up; the last in a tenth of all. The result is valid until the next call. */
function hostile(samples: readonly Uint8Array[], next: () => number): () => Uint8Array {
  const scratch = new Uint8Array(2_100);
  return () => {
    const sample = samples[next() % samples.length]!;
    let length = sample.length;
    scratch.set(sample);
    const way = next() % 10;
    if (way === 0) {
      length = next() % 120;
      for (let at = 0; at < length; at++) scratch[at] = next();
    } else if (way < 4) {
      length = next() % (length + 8);
    }
    const changes = way < 2 ? 0 : next() % 4;
    for (let i = 0; i < changes; i++) scratch[next() % Math.max(1, length)] = next();
    return scratch.subarray(0, length);
  };
}

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

const delivered = new ReceivedDelivered();
const alike = new ReceivedAlike();
const run = new ReceivedRun();
const reader = new Reader(new Uint8Array(0));

/** All messages of a run are looked at, as far as it is well formed. */
function isFaulty(frame: ReceivedFrame): boolean {
  for (run.begin(frame, 0); run.next(reader, 0); run.head()) expect(run.frame.end).toBeLessThanOrEqual(frame.end);
  return run.fault !== undefined;
}

/** Whatever the kind, everything that may look at the rest looks at it. */
function decodeRest(frame: ReceivedFrame): boolean {
  const { kind, bytes, start, end } = frame;
  if (kind === FrameKind.delivered) return delivered.read(frame, reader) === undefined;
  if (kind === FrameKind.alike) return alike.read(frame, reader) === undefined;
  if (kind === FrameKind.run) return !isFaulty(frame);
  if (kind === FrameKind.hello) return decodeHello(bytes, start, end).ok;
  if (kind === FrameKind.goaway) return decodeGoaway(bytes, start, end).ok;
  if (kind === FrameKind.sync) return decodeSync(bytes, start, end).ok;
  if (kind === FrameKind.credit) return decodeCredit(bytes, start, end).ok;
  if (kind === FrameKind.reset) return decodeReset(bytes, start, end).ok;
  if (kind === FrameKind.reply || kind === FrameKind.accept) return decodeReplyHead(bytes, start, end).ok;
  if (kind !== FrameKind.message && kind !== FrameKind.open) return true;
  const head = decodeMessageHead(bytes, start, end);
  const target = peekMessageTarget(bytes, start, end);
  if (head.ok) expect(target?.service === head.head.service && target.node === head.head.node).toBe(true);
  return head.ok;
}

describe('[N5] hostile bytes', () => {
  it('a million datagrams cost counters and nothing else', { timeout: timeoutMs }, () => {
    const next = hostile(Object.values(datagrams), seeded(7470));
    const reasons = new Map<string, number>();
    const count = (reason: string) => reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    const before = heapBytes();
    for (let i = 0; i < million; i++) {
      const bytes = next();
      const datagram = decodeDatagram(bytes, tag);
      if (!datagram.ok) count(datagram.reason);
      const payload = decodePayload(datagram.ok ? datagram.payload : bytes);
      count(payload.ok ? 'understood' : payload.reason);
    }
    expect(heapBytes() - before).toBeLessThan(heapGrowthBytesMax);
    expect(reasons.get('understood')).toBeGreaterThan(million / 10);
    for (const reason of ['short', 'name', 'range', 'address', 'kind', 'other-cluster', 'magic', 'flags', 'sealed']) {
      expect(reasons.get(reason), reason).toBeGreaterThan(0);
    }
  });

  it('a million frames end their links at worst', { timeout: timeoutMs }, () => {
    const next = hostile(Object.values(frames), seeded(7472));
    let parser = createFrameParser();
    let good = 0;
    let bad = 0;
    let broken = 0;
    let heldMax = 0;
    const onFrame = (frame: ReceivedFrame) => {
      if (decodeRest(frame)) good++;
      else bad++;
    };
    const before = heapBytes();
    for (let i = 0; i < million; i++) {
      const fault = parser.push(next(), onFrame);
      heldMax = Math.max(heldMax, parser.heldBytes);
      // A link that waits for the rest of a frame would wait for long: every sixteenth begins anew.
      if (fault !== undefined) broken++;
      if (fault !== undefined || i % 16 === 0) parser = createFrameParser();
    }
    expect(heapBytes() - before).toBeLessThan(heapGrowthBytesMax);
    expect(heldMax).toBeLessThan(frameBytesMax);
    expect(Math.min(good, bad, broken)).toBeGreaterThan(million / 100);
  });
});
