import { Hono } from 'hono';
import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeNode, type FakeNode, fakeSettlement } from '../../test/agent/fake-node.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { systemClock } from '../runtime/system-clock.ts';
import type { ApiBindings, ApiContext } from './api-context.ts';
import { problemResponse } from './api-problem.ts';
import { addBenchRoutes, benchBytesMax, benchDepthMax, benchMsMax } from './bench-routes.ts';

let node: FakeNode;
let asked: { readonly where: string; readonly command: string; readonly bytes: number }[];
let isOwnUser: boolean;
let app: Hono<ApiBindings>;
/** Answers that are held back until a test lets them go. */
let held: (() => void)[] | undefined;

beforeEach(() => {
  asked = [];
  isOwnUser = true;
  held = undefined;
  node = {
    ...createFakeNode(),
    askAgent(where, request, settle) {
      if (where === 'nobody') throw new FogataError('not-found', 'there is no node "nobody"');
      asked.push({ where, command: request.command, bytes: request.body.length });
      const answer = () => settle(fakeSettlement({ outcome: where === 'mute' ? 'expired' : 'answered' }));
      if (held === undefined) setImmediate(answer);
      else held.push(answer);
      return () => undefined;
    },
  };
  app = new Hono<ApiBindings>();
  addBenchRoutes({
    app,
    described: [],
    node,
    clock: systemClock(),
    isPrivate: () => isOwnUser,
  } as unknown as ApiContext);
  app.onError((error) => problemResponse(error));
});

const bench = (where: string, body: unknown) =>
  app.request(
    `/v1/bench/${where}`,
    { method: 'POST', body: JSON.stringify(body) },
    { incoming: { socket: { destroyed: false } } },
  );

describe('the way to another agent', () => {
  it('is measured by echoes', async () => {
    const response = await bench('db1', { ms: 20, depth: 4, bytes: 128 });
    expect(response.status).toBe(200);
    const run = (await response.json()) as { count: number; latenciesMs: number[] };
    expect(run).toMatchObject({ count: asked.length, failed: 0 });
    expect(run.latenciesMs.length).toBeGreaterThan(0);
    expect(new Set(asked.map((each) => JSON.stringify(each)))).toEqual(
      new Set([JSON.stringify({ where: 'db1', command: 'echo', bytes: 128 })]),
    );
  });

  it('that brings nothing is told so', async () => {
    const run = (await (await bench('mute', { ms: 5, depth: 1, bytes: 0 })).json()) as { count: number };
    expect(run).toMatchObject({ failed: run.count, latenciesMs: [] });
    expect((await bench('nobody', { ms: 5, depth: 1, bytes: 0 })).status).toBe(404);
  });

  it("is for the agent's own user", async () => {
    isOwnUser = false;
    expect((await bench('db1', { ms: 5, depth: 1, bytes: 0 })).status).toBe(403);
    expect(asked).toEqual([]);
  });

  it('is measured once at a time', async () => {
    held = [];
    const first = bench('db1', { ms: 1, depth: 1, bytes: 0 });
    while (held.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect((await bench('db1', { ms: 1, depth: 1, bytes: 0 })).status).toBe(503);
    const answers = held;
    held = undefined;
    for (const answer of answers) answer();
    expect((await first).status).toBe(200);
    expect((await bench('db1', { ms: 1, depth: 1, bytes: 0 })).status).toBe(200);
  });

  it.each([
    { ms: benchMsMax + 1, depth: 1, bytes: 0 },
    { ms: 1, depth: benchDepthMax + 1, bytes: 0 },
    { ms: 1, depth: 1, bytes: benchBytesMax + 1 },
    { ms: 0, depth: 1, bytes: 0 },
    { ms: 1, depth: 1 },
  ])('%j is refused', async (body) => {
    expect((await bench('db1', body)).status).toBe(400);
    expect(asked).toEqual([]);
  });

  it('takes what is just within the bounds', async () => {
    expect((await bench('db1', { ms: 1, depth: benchDepthMax, bytes: benchBytesMax })).status).toBe(200);
    held = [];
    void bench('db1', { ms: benchMsMax, depth: 1, bytes: 0 });
    while (held.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(asked.at(-1)).toEqual({ where: 'db1', command: 'echo', bytes: 0 });
  });
});
