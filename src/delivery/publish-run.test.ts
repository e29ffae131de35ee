import { describe, expect, it } from 'vitest';
import { messageIdOf, messageRest, nodeOf, requestOf, self } from '../../test/delivery/delivery-bed.ts';
import { messagesIn } from '../../test/delivery/run-frames.ts';
import { FrameFlag, FrameKind } from '../protocol/frame.ts';
import { createFrameParser } from '../protocol/frame-parser.ts';
import { noNode } from '../protocol/ids.ts';
import { InstanceTrack } from '../selection/instance-track.ts';
import { RetryBudget } from '../selection/retry-budget.ts';
import type { Chosen } from './chooser.ts';
import type { ExchangeRequest } from './exchange-request.ts';
import { Publication } from './publication.ts';
import { PublishRun } from './publish-run.ts';

const budget = new RetryBudget();
const targetsOf = (): Chosen[] => [{ node: nodeOf(1), name: 'n1', track: new InstanceTrack(), budget }];
const targets = targetsOf();

function published(n: number, fields: Partial<ExchangeRequest> = {}, bodyBytes = 3, to = targets): Publication {
  const body = new Uint8Array(bodyBytes).fill(n);
  const head = { id: messageIdOf(n), bodyKind: 'bytes', command: fields.command ?? 'GET' } as const;
  const rest = messageRest(head, body);
  const encoded = { rest, headBytes: rest.length - bodyBytes, pass() {}, delivered() {} };
  return new Publication({ ...requestOf(fields), encoded }, to, () => undefined, { correlation: 2 * n, now: 7.3 });
}

function framesOf(run: PublishRun) {
  const found: {
    readonly kind: number;
    readonly flags: number;
    readonly deadlineMs: number;
    readonly all: number[][];
  }[] = [];
  createFrameParser().push(run.frames(), (frame) => {
    const { kind, flags, deadlineMs } = frame;
    expect([frame.to, frame.from]).toEqual([noNode, self]);
    const all = messagesIn(frame).map(({ correlation, bytes }) => [correlation, bytes.at(-1) ?? 0]);
    found.push({ kind, flags, deadlineMs, all });
  });
  return found;
}

describe('the run of a turn', () => {
  it('[F19] is one frame as long as only id and body differ, and then the next one', () => {
    const run = new PublishRun(self);
    const all = [
      published(1),
      published(2, {}, 5),
      published(3, { command: 'PUT' }),
      published(4, { command: 'PUT', idempotent: true }),
      published(5, { command: 'PUT', idempotent: true, deadlineMs: 999.2 }),
      published(6, { command: 'PUT', idempotent: true, deadlineMs: 999.7 }),
    ];
    for (const each of all) expect(run.add(each)).toBe(true);
    const plain = { kind: FrameKind.run, flags: FrameFlag.publish, deadlineMs: 1_000 };
    const idempotent = { ...plain, flags: FrameFlag.publish | FrameFlag.idempotent };
    expect(framesOf(run)).toEqual([
      {
        ...plain,
        all: [
          [2, 1],
          [4, 2],
        ],
      },
      { ...plain, all: [[6, 3]] },
      {
        ...idempotent,
        all: [
          [8, 4],
          [10, 5],
          [12, 6],
        ],
      },
    ]);
    expect(run.take()).toEqual(all);
    expect(run.frames().length).toBe(0);
    run.add(published(7));
    expect(framesOf(run)).toEqual([{ ...plain, all: [[14, 7]] }]);
  });

  it('has short frames, so that the other end begins soon, takes no more than it may, and none that is for others', () => {
    const run = new PublishRun(self);
    let count = 0;
    while (run.add(published(count + 1, {}, 100))) count += 1;
    const frames = framesOf(run);
    expect(frames.flatMap(({ all }) => all.map(([correlation]) => correlation))).toEqual(
      Array.from({ length: count }, (_, i) => 2 * (i + 1)),
    );
    expect(frames.length).toBe(5);
    expect(run.frames().length).toBeGreaterThan(32_000);
    run.take();
    run.add(published(1));
    expect(run.add(published(2, {}, 3, targetsOf()))).toBe(false);
  });
});
