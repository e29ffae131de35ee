import { expect, it, vi } from 'vitest';
import { createFakeNode } from '../../test/agent/fake-node.ts';
import { clusterTag } from '../protocol/cluster-tag.ts';
import { FrameKind, writeFrameHeader } from '../protocol/frame.ts';
import { writeHello } from '../protocol/hello.ts';
import { noNode } from '../protocol/ids.ts';
import { frameHeaderBytes } from '../protocol/limits.ts';
import { versionsSpoken } from '../protocol/version.ts';
import { Writer } from '../protocol/writer.ts';
import { silentLog } from '../runtime/log.ts';
import type { ByteStream, StreamEvents } from '../runtime/streams.ts';
import { createWorld } from '../testing/world.ts';
import { createProgramEndpoint } from './program-endpoint.ts';

function frameOf(kind: number, rest: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(frameHeaderBytes + rest.length);
  const fields = { kind, flags: 0, hops: 0, to: noNode, from: noNode, correlation: 1, deadlineMs: 1_000 };
  writeFrameHeader(bytes, 0, fields, rest.length);
  bytes.set(rest, frameHeaderBytes);
  return bytes;
}

function helloOfProgram(): Uint8Array {
  const writer = new Writer();
  const names = { nodeName: '', clusterName: 'any', software: 'test' };
  const numbers = { node: noNode, incarnation: 0, nodePort: 0 };
  writeHello(writer, { ...versionsSpoken, clusterTag: clusterTag('any'), role: 'program', ...numbers, ...names });
  return frameOf(FrameKind.hello, writer.view());
}

it('a program with many requests at once is not read for a moment, at n + 1, so that others have their turn', async () => {
  const world = createWorld();
  const { clock } = world.host('h').start().runtime;
  let events: StreamEvents | undefined;
  const stream: ByteStream = {
    remote: { path: 'here' },
    start: (given) => void (events = given),
    write: () => true,
    writeBoth: () => true,
    gather: () => undefined,
    together: (write) => write(),
    queuedBytes: 0,
    pause: vi.fn(),
    resume: vi.fn(),
    end() {},
    destroy() {},
  };
  const node = createFakeNode();
  const status = () => ({ up: 1 });
  createProgramEndpoint({ clock, log: silentLog, node, software: 'fogata/test', status }).accept(stream);
  events?.onData(helloOfProgram());
  vi.mocked(stream.resume).mockClear();
  const request = frameOf(FrameKind.request, new TextEncoder().encode('{"op":"status"}'));
  for (let i = 0; i < 63; i++) events?.onData(request);
  expect(stream.pause).not.toHaveBeenCalled();
  events?.onData(request);
  expect(stream.pause).toHaveBeenCalledOnce();
  expect(stream.resume).not.toHaveBeenCalled();
  await world.run(1);
  expect(stream.resume).toHaveBeenCalledOnce();
  for (let i = 0; i < 63; i++) events?.onData(request);
  expect(stream.pause).toHaveBeenCalledOnce();
});
