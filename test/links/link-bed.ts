import { createPeerLinks } from '../../src/links/create-peer-links.ts';
import type { LinkLoss } from '../../src/links/frame-link.ts';
import type { PeerLinkTable } from '../../src/links/peer-link-table.ts';
import { clusterTag } from '../../src/protocol/cluster-tag.ts';
import { type FrameFields, FrameKind, writeFrameHeader } from '../../src/protocol/frame.ts';
import { createFrameParser } from '../../src/protocol/frame-parser.ts';
import { decodeGoaway } from '../../src/protocol/goaway.ts';
import { type Hello, writeHello } from '../../src/protocol/hello.ts';
import { type NodeId, noNode } from '../../src/protocol/ids.ts';
import { Writer } from '../../src/protocol/writer.ts';
import type { Runtime } from '../../src/runtime/runtime.ts';
import type { ByteStream } from '../../src/runtime/streams.ts';

export const idA = '00000000000000aa' as NodeId;
export const idB = '00000000000000bb' as NodeId;
export const port = 7472;

export function helloOf(node: NodeId, fields: Partial<Hello> = {}): Hello {
  return {
    versionOldest: 1,
    versionNewest: 1,
    clusterTag: clusterTag('site'),
    role: 'node',
    node,
    incarnation: 1,
    nodePort: port,
    nodeName: `n${node.slice(-2)}`,
    clusterName: 'site',
    software: 'test',
    ...fields,
  };
}

export function fieldsOf(kind: number, correlation = 0, fields: Partial<FrameFields> = {}): FrameFields {
  const deadlineMs = Number.POSITIVE_INFINITY;
  return { kind, flags: 0, hops: 8, to: noNode, from: noNode, correlation, deadlineMs, ...fields };
}

/** A whole frame as bytes. */
export function frameBytes(fields: FrameFields, rest: Uint8Array = new Uint8Array(0)): Uint8Array {
  const bytes = new Uint8Array(32 + rest.length);
  writeFrameHeader(bytes, 0, fields, rest.length);
  bytes.set(rest, 32);
  return bytes;
}

export function helloBytes(hello: Hello): Uint8Array {
  const writer = new Writer();
  writeHello(writer, hello);
  return frameBytes(fieldsOf(FrameKind.hello), writer.copy());
}

/** What one side of links has been told, in order. */
export interface Told {
  readonly frames: { readonly peer: NodeId; readonly kind: number; readonly correlation: number; deadlineMs: number }[];
  readonly ups: NodeId[];
  readonly losses: { readonly peer: NodeId; readonly loss: LinkLoss }[];
  readonly drains: NodeId[];
}

export interface LinkSide extends Told {
  readonly links: PeerLinkTable;
  listen(): Promise<unknown>;
  /** What it wants done in its callbacks. */
  onLost: (peer: NodeId) => void;
  fault: string | undefined;
}

export interface LinkSideOptions {
  readonly runtime: Runtime;
  readonly id: NodeId;
  readonly addressOf: (peer: NodeId) => string | undefined;
  readonly hello?: Partial<Hello>;
  /** With keys: the one in use, and all that are accepted, each of which is its own secret. */
  readonly keys?: LinkKeys;
}

export interface LinkKeys {
  inUse: number;
  readonly accepted: Set<number>;
}

export const isAccepted = (keys: LinkKeys) => (identity: string) => keys.accepted.has(Number(identity));

const secretOf = (key: number) => new Uint8Array(32).fill(key);

export const keepAlive = { intervalMs: 250, timeoutMs: 1_000 };

export function linkSide({ runtime, id, addressOf, hello, keys }: LinkSideOptions): LinkSide {
  const pskOf = (identity: string) =>
    keys?.accepted.has(Number(identity)) === true ? secretOf(Number(identity)) : undefined;
  const side: LinkSide = {
    frames: [],
    ups: [],
    losses: [],
    drains: [],
    onLost: () => undefined,
    fault: undefined,
    listen: () =>
      runtime.streams.listen(
        { address: '0.0.0.0', port },
        (stream, identity) => side.links.accept(stream, identity),
        keys === undefined ? undefined : { pskOf, onRefused() {} },
      ),
    links: createPeerLinks(
      {
        clock: runtime.clock,
        streams: runtime.streams,
        self: id,
        hello: () => helloOf(id, hello),
        keepAlive,
        dialTimeoutMs: 1_000,
        addressOf(peer) {
          const address = addressOf(peer);
          return address === undefined ? undefined : { address, port };
        },
        secure: keys === undefined ? undefined : () => ({ identity: String(keys.inUse), psk: secretOf(keys.inUse) }),
      },
      {
        onFrame(peer, { kind, correlation, deadlineMs }) {
          side.frames.push({ peer, kind, correlation, deadlineMs });
          return side.fault;
        },
        onUp: (peer) => void side.ups.push(peer),
        onDrain: (peer) => void side.drains.push(peer),
        onLost(peer, loss) {
          side.losses.push({ peer, loss });
          side.onLost(peer);
        },
      },
    ),
  };
  return side;
}

/** A peer that a test plays byte by byte. */
export interface RawPeer {
  readonly stream: ByteStream;
  /** Kinds and correlations of the frames it got. */
  readonly got: { readonly kind: number; readonly correlation: number }[];
  readonly goaway: string[];
  /** The other side has ended or reset it. */
  closed: boolean;
}

export function rawPeer(stream: ByteStream, options: { readonly reads?: boolean } = {}): RawPeer {
  const parser = createFrameParser();
  const raw: RawPeer = { stream, got: [], goaway: [], closed: false };
  stream.start({
    onConnect() {},
    onDrain() {},
    onEnd() {
      raw.closed = true;
    },
    onData(bytes) {
      parser.push(bytes, (frame) => {
        raw.got.push({ kind: frame.kind, correlation: frame.correlation });
        if (frame.kind !== FrameKind.goaway) return;
        const decoded = decodeGoaway(frame.bytes, frame.start, frame.end);
        raw.goaway.push(decoded.ok ? decoded.value.reason : 'malformed');
      });
    },
    onClose() {
      raw.closed = true;
    },
  });
  if (options.reads === false) stream.pause();
  return raw;
}
