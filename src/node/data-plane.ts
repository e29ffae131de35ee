import type { FramesCarrier, PeerLoss } from '../delivery/carrier.ts';
import type { Chooser } from '../delivery/chooser.ts';
import { createExchanges, type Exchanges } from '../delivery/exchanges.ts';
import { MessageIds } from '../delivery/message-ids.ts';
import type { Provisions } from '../delivery/provisions.ts';
import { createServiceHost, type ServiceHost } from '../delivery/service-host.ts';
import { provisionsReceiver } from '../delivery/stream-receiver.ts';
import { createStreamTable, type StreamTable } from '../delivery/streams.ts';
import { FrameKind } from '../protocol/frame.ts';
import type { MessageId, NodeId } from '../protocol/ids.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import type { Runtime } from '../runtime/runtime.ts';

export interface DataPlaneOptions {
  readonly runtime: Runtime;
  readonly self: NodeId;
  readonly selfName: string;
  readonly carrier: FramesCarrier;
  /** Of what was sent to a peer so much may still be held by reference, the last of it. Infinity: not known. */
  readonly unwrittenBytes: (peer: NodeId) => number;
  readonly chooser: Chooser;
  readonly provisions: Provisions;
}

/** Messages and streams of a node: origin's and receiver's side together. */
export interface DataPlane {
  readonly exchanges: Exchanges;
  readonly host: ServiceHost;
  readonly streams: StreamTable;
  readonly newMessageId: () => MessageId;
  /** The one it gave last, as it goes over the wire. */
  readonly newIdBytes: Uint8Array;
  /** Returns a fault when the frame is malformed or has no place between nodes. */
  onFrame(peer: NodeId, frame: ReceivedFrame): string | undefined;
  onPeerUp(peer: NodeId): void;
  onPeerLost(peer: NodeId, loss: PeerLoss): void;
  onDrain(peer: NodeId): void;
  stop(): void;
}

export function createDataPlane(options: DataPlaneOptions): DataPlane {
  const { runtime } = options;
  const { clock } = runtime;
  const ids = new MessageIds(runtime.random);
  const newMessageId = () => ids.next();
  const newIdBytes = ids.lastBytes;
  const onOwnerFault = (where: string, error: unknown) =>
    runtime.log.error('a program threw where it must not', { where, error });
  const seed = Math.floor(runtime.random.next() * 2 ** 32);
  const parts = { ...options, clock, newMessageId, newIdBytes, onOwnerFault, seed };
  const exchanges = createExchanges(parts);
  const host = createServiceHost(parts);
  const receiver = provisionsReceiver(options.provisions, options.selfName);
  const onLoad: Chooser['noteLoad'] = (node, service, load) => options.chooser.noteLoad(node, service, load);
  const streams = createStreamTable({ ...parts, receiver, onLoad });

  return {
    exchanges,
    host,
    streams,
    newMessageId,
    newIdBytes,
    onFrame(peer, frame) {
      switch (frame.kind) {
        case FrameKind.message:
          return host.onMessage(peer, frame);
        case FrameKind.run:
          return host.onRun(peer, frame);
        case FrameKind.reply:
          return exchanges.onReply(peer, frame);
        case FrameKind.delivered:
          return exchanges.onDelivered(peer, frame);
        case FrameKind.alike:
          return exchanges.onAlike(peer, frame);
        case FrameKind.cancel:
          return host.onCancel(peer, frame.correlation);
        case FrameKind.open:
        case FrameKind.accept:
        case FrameKind.data:
        case FrameKind.credit:
        case FrameKind.reset:
          return streams.onFrame(peer, frame);
        default:
          return `frame kind ${frame.kind} has no place between nodes`;
      }
    },
    onPeerUp(peer) {
      exchanges.onPeerUp(peer);
      streams.onPeerUp(peer);
    },
    onPeerLost(peer, loss) {
      exchanges.onPeerLost(peer, loss);
      host.onPeerLost(peer);
      streams.onPeerLost(peer, loss);
    },
    onDrain(peer) {
      host.onDrain(peer);
      streams.onDrain(peer);
    },
    stop() {
      exchanges.stop();
      streams.stop();
      host.stop();
    },
  };
}
