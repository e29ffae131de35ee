import type { ProgramResponse } from '../../src/api/program-request.ts';
import { createFrameLink } from '../../src/links/create-frame-link.ts';
import type { FrameLink, LinkLoss } from '../../src/links/frame-link.ts';
import type { Body } from '../../src/protocol/body.ts';
import { clusterTag } from '../../src/protocol/cluster-tag.ts';
import { type FrameFields, FrameFlag, FrameKind } from '../../src/protocol/frame.ts';
import { type NodeId, noNode } from '../../src/protocol/ids.ts';
import { type MessageHead, writeMessageHead } from '../../src/protocol/message-head.ts';
import { decodeReplyHead, type ReplyHead, writeReplyHead } from '../../src/protocol/reply-head.ts';
import { Writer } from '../../src/protocol/writer.ts';
import type { ByteStream } from '../../src/runtime/streams.ts';
import { systemClock } from '../../src/runtime/system-clock.ts';
import { fakeMessageId } from './fake-node.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A frame that came, for keeps. */
export interface KeptFrame {
  readonly kind: number;
  readonly flags: number;
  readonly correlation: number;
  readonly deadlineMs: number;
  readonly rest: Uint8Array;
}

/** A program as it may be written in any language: it knows frames and nothing else. */
export class FrameProgram {
  readonly frames: KeptFrame[] = [];
  readonly link: FrameLink;
  readonly opened: Promise<void>;
  readonly closed: Promise<LinkLoss | undefined>;
  private waiting: (() => void)[] = [];

  constructor(stream: ByteStream, role: 'program' | 'node' = 'program') {
    let onOpen = () => {};
    let onClose = (_: LinkLoss | undefined) => {};
    this.opened = new Promise((resolve) => void (onOpen = resolve));
    this.closed = new Promise((resolve) => void (onClose = resolve));
    const hello = {
      versionOldest: 1,
      versionNewest: 1,
      clusterTag: clusterTag('any'),
      role,
      node: role === 'node' ? ('00000000000000ff' as NodeId) : noNode,
      incarnation: 0,
      nodePort: 0,
      nodeName: role === 'node' ? 'x' : '',
      clusterName: 'any',
      software: 'test',
    };
    const keepAlive = { intervalMs: 60_000, timeoutMs: 180_000 };
    this.link = createFrameLink(
      stream,
      { clock: systemClock(), hello, role: 'dialler', keepAlive, openTimeoutMs: 5_000, admit: () => undefined },
      {
        onOpen,
        onFrame: ({ kind, flags, correlation, deadlineMs, bytes, start, end }) => {
          this.frames.push({ kind, flags, correlation, deadlineMs, rest: bytes.slice(start, end) });
          for (const wake of this.waiting.splice(0)) wake();
          return undefined;
        },
        onDrain() {},
        onEnd: () => this.link.end(),
        onClose,
      },
    );
  }

  /** Takes the first frame of this kind out of those that came, and waits for it if need be. */
  async next(kind: number): Promise<KeptFrame> {
    for (;;) {
      const at = this.frames.findIndex((frame) => frame.kind === kind);
      if (at >= 0) return this.frames.splice(at, 1)[0] as KeptFrame;
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  send(fields: Partial<FrameFields> & { readonly kind: number }, head?: Uint8Array, body?: Uint8Array): void {
    const usual = { flags: 0, hops: 0, to: noNode, from: noNode, correlation: 1, deadlineMs: 10_000 };
    this.link.send({ ...usual, ...fields }, head, body);
  }

  message(head: Partial<MessageHead>, fields: Partial<FrameFields> = {}, body?: Uint8Array): void {
    const writer = new Writer();
    const usual = {
      id: fakeMessageId,
      bodyKind: 'text',
      attempt: 0,
      service: 'crm',
      node: '',
      command: 'get',
    } as const;
    writeMessageHead(writer, { ...usual, fromService: '', fromNode: '', params: {}, ...head });
    this.send({ kind: FrameKind.message, flags: FrameFlag.replyWanted, ...fields }, writer.view(), body);
  }

  reply(correlation: number, head: Partial<ReplyHead>, body?: Uint8Array): void {
    const writer = new Writer();
    const usual = { outcome: 'answered', code: undefined, bodyKind: 'text', load: undefined } as const;
    writeReplyHead(writer, { ...usual, service: '', node: '', reason: '', params: {}, ...head });
    this.send({ kind: FrameKind.reply, correlation }, writer.view(), body);
  }

  async request(json: unknown, correlation = 1): Promise<ProgramResponse> {
    const body = typeof json === 'string' ? json : JSON.stringify(json);
    this.send({ kind: FrameKind.request, correlation }, undefined, encoder.encode(body));
    const { rest, correlation: answered } = await this.next(FrameKind.response);
    if (answered !== correlation) throw new Error(`asked as ${correlation}, answered as ${answered}`);
    return JSON.parse(decoder.decode(rest)) as ProgramResponse;
  }
}

/** What a reply frame says. */
export function replyOf(frame: KeptFrame): ReplyHead & { readonly correlation: number; readonly body: Body } {
  const decoded = decodeReplyHead(frame.rest, 0, frame.rest.length);
  if (!decoded.ok) throw new Error(decoded.reason);
  const bytes = frame.rest.subarray(decoded.bodyStart);
  return { ...decoded.head, correlation: frame.correlation, body: { kind: decoded.head.bodyKind, bytes } };
}
