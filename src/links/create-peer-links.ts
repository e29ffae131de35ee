import type { Hello } from '../protocol/hello.ts';
import type { NodeId } from '../protocol/ids.ts';
import { queuedBytesMax } from '../protocol/limits.ts';
import { formatSocketAddress, type SocketAddress } from '../protocol/socket-address.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import type { ByteStream, Streams } from '../runtime/streams.ts';
import { createFrameLink, type LinkRefusal } from './create-frame-link.ts';
import type { FrameFields } from '../protocol/frame.ts';
import type { FrameLink, LinkLoss } from './frame-link.ts';
import type { KeepAliveTiming } from './keep-alive.ts';
import type { PeerLinkEvents, PeerLinks, SendResult } from './peer-links.ts';

export interface PeerLinksOptions {
  readonly clock: Clock;
  readonly streams: Streams;
  readonly self: NodeId;
  readonly hello: () => Hello;
  readonly keepAlive: KeepAliveTiming;
  /** From the first SYN to the other side's hello. */
  readonly dialTimeoutMs: number;
  /** Where a peer is to be dialled; undefined when nobody knows. */
  readonly addressOf: (peer: NodeId) => SocketAddress | undefined;
}

/** The links, and how the node's listener hands in what it accepted. */
export interface PeerLinkTable extends PeerLinks {
  accept(stream: ByteStream): void;
}

interface HeldFrame {
  readonly fields: FrameFields;
  readonly head: Uint8Array | undefined;
  readonly body: Uint8Array | undefined;
}

/** All that is known of the way to one peer. `link` is open; `dial` is not yet. */
interface Peer {
  link: FrameLink | undefined;
  dial: FrameLink | undefined;
  held: HeldFrame[];
  heldBytes: number;
  redial: Timer | undefined;
  /** No dial before this time: the last one failed. */
  dialNotBefore: number;
}

/** A failed dial is not repeated sooner: whoever wants to send meanwhile is told `unreachable` at once. */
const dialPauseMs = 100;
/** After goaway 2 the other side's own dial is awaited this long ([F3]). */
const duplicateWaitMs = 500;
/** Accepted connections that have not said hello: a flood of them costs no more than this. */
const strangersMax = 256;

export function createPeerLinks(options: PeerLinksOptions, events: PeerLinkEvents): PeerLinkTable {
  const peers = new Map<NodeId, Peer>();
  const strangers = new Set<FrameLink>();
  let closed = false;
  let openCount = 0;

  function peerOf(id: NodeId): Peer {
    let peer = peers.get(id);
    if (peer === undefined) {
      peer = { link: undefined, dial: undefined, held: [], heldBytes: 0, redial: undefined, dialNotBefore: 0 };
      peers.set(id, peer);
    }
    return peer;
  }

  function release(id: NodeId, peer: Peer): void {
    const idle = peer.link === undefined && peer.dial === undefined && peer.redial === undefined;
    if (idle && options.clock.now() >= peer.dialNotBefore) peers.delete(id);
  }

  function linkOptions(role: 'dialler' | 'acceptor', judge: (hello: Hello) => LinkRefusal | undefined) {
    const { clock, keepAlive, dialTimeoutMs } = options;
    return { clock, keepAlive, role, admit: judge, hello: options.hello(), openTimeoutMs: dialTimeoutMs };
  }

  function opened(id: NodeId, peer: Peer, link: FrameLink, hello: Hello, at: SocketAddress): void {
    peer.link = link;
    peer.dialNotBefore = 0;
    openCount += 1;
    const held = peer.held;
    peer.held = [];
    peer.heldBytes = 0;
    for (const frame of held) link.send(frame.fields, frame.head, frame.body);
    events.onUp(id, hello, at);
  }

  function gone(id: NodeId, peer: Peer, loss: LinkLoss | undefined): void {
    peer.link = undefined;
    openCount -= 1;
    events.onLost(id, loss ?? { kind: 'lost', text: 'closed by the other side' });
    release(id, peer);
  }

  function dialFailed(id: NodeId, peer: Peer, loss: LinkLoss): void {
    peer.held = [];
    peer.heldBytes = 0;
    peer.dialNotBefore = options.clock.now() + dialPauseMs;
    events.onLost(id, { kind: 'unreachable', text: loss.text });
    options.clock.schedule(dialPauseMs, () => release(id, peer));
  }

  function dial(id: NodeId, peer: Peer): boolean {
    const address = options.addressOf(id);
    if (address === undefined || closed) return false;
    const stream = options.streams.connect(address);
    const link: FrameLink = createFrameLink(
      stream,
      linkOptions('dialler', (hello) => {
        if (hello.node === id) return undefined;
        return { reason: 'not-allowed', text: `expected node ${id}` };
      }),
      {
        onOpen(hello) {
          peer.dial = undefined;
          opened(id, peer, link, hello, address);
        },
        onFrame: (frame) => events.onFrame(id, frame),
        onDrain: () => events.onDrain(id),
        onEnd: () => link.end(),
        onClose(loss) {
          if (peer.link === link) return gone(id, peer, loss);
          if (peer.dial !== link) return;
          peer.dial = undefined;
          if (loss?.kind === 'duplicate-link') awaitTheirs(id, peer);
          else
            dialFailed(id, peer, {
              kind: 'unreachable',
              text: `${formatSocketAddress(address)}: ${loss?.text ?? 'closed'}`,
            });
        },
      },
    );
    peer.dial = link;
    return true;
  }

  function awaitTheirs(id: NodeId, peer: Peer): void {
    if (peer.link !== undefined) return;
    peer.redial = options.clock.schedule(duplicateWaitMs, () => {
      peer.redial = undefined;
      if (peer.link === undefined && peer.dial === undefined && !dial(id, peer)) {
        dialFailed(id, peer, { kind: 'unreachable', text: 'no address' });
      }
    });
  }

  /** [F3]: decides whether who has just said hello on an accepted stream gets the link. */
  function admit(hello: Hello): LinkRefusal | undefined {
    if (closed) return { reason: 'leaving', text: 'leaving' };
    if (hello.node === options.self) return { reason: 'not-allowed', text: 'this is the same node' };
    const peer = peers.get(hello.node);
    if (peer?.link !== undefined) {
      const older = (peer.link.peer?.incarnation ?? 0) < hello.incarnation;
      if (!older) {
        peer.link.verify();
        return { reason: 'duplicate-link', text: 'there is a link already' };
      }
      peer.link.destroy();
    }
    if (peer?.dial !== undefined && options.self < hello.node) {
      return { reason: 'duplicate-link', text: 'a dial the other way is under way' };
    }
    return undefined;
  }

  function accept(stream: ByteStream): void {
    if (closed || strangers.size >= strangersMax) {
      stream.start({ onData() {}, onConnect() {}, onDrain() {}, onEnd() {}, onClose() {} });
      stream.destroy();
      return;
    }
    let id: NodeId | undefined;
    let peer: Peer | undefined;
    const link: FrameLink = createFrameLink(stream, linkOptions('acceptor', admit), {
      onOpen(hello) {
        strangers.delete(link);
        id = hello.node;
        // An older link that was just destroyed tells its end later, when it is no longer the peer's link.
        const previous = peers.get(id)?.link;
        if (previous !== undefined) gone(id, peerOf(id), { kind: 'lost', text: 'the other node has restarted' });
        peer = peerOf(id);
        const ownDial = peer.dial;
        peer.dial = undefined;
        ownDial?.destroy();
        peer.redial?.cancel();
        peer.redial = undefined;
        opened(id, peer, link, hello, remoteOf(stream, hello));
      },
      onFrame: (frame) => events.onFrame(id as NodeId, frame),
      onDrain: () => events.onDrain(id as NodeId),
      onEnd: () => link.end(),
      onClose(loss) {
        strangers.delete(link);
        if (id !== undefined && peer?.link === link) gone(id, peer, loss);
      },
    });
    strangers.add(link);
  }

  function hold(
    peer: Peer,
    fields: FrameFields,
    head: Uint8Array | undefined,
    body: Uint8Array | undefined,
  ): SendResult {
    const bytes = (head?.length ?? 0) + (body?.length ?? 0);
    if (peer.heldBytes + bytes > queuedBytesMax) return 'busy';
    peer.held.push({ fields, head: head?.slice(), body });
    peer.heldBytes += bytes;
    return 'held';
  }

  return {
    accept,
    send(id, fields, head, body) {
      const peer = peerOf(id);
      if (peer.link !== undefined) {
        if (peer.link.queuedBytes > queuedBytesMax) return 'busy';
        return peer.link.send(fields, head, body) ? 'written' : 'pressed';
      }
      if (peer.dial === undefined && peer.redial === undefined) {
        if (options.clock.now() < peer.dialNotBefore || !dial(id, peer)) return 'unreachable';
      }
      return hold(peer, fields, head, body);
    },
    open(id) {
      const peer = peerOf(id);
      if (peer.link === undefined && peer.dial === undefined && options.clock.now() >= peer.dialNotBefore)
        dial(id, peer);
    },
    isOpen: (id) => peers.get(id)?.link !== undefined,
    get count() {
      return openCount;
    },
    forget(id) {
      const peer = peers.get(id);
      peer?.dial?.destroy();
      peer?.link?.destroy();
    },
    close() {
      closed = true;
      for (const peer of peers.values()) {
        peer.redial?.cancel();
        peer.dial?.destroy();
        peer.link?.goaway('leaving', 'leaving');
      }
      for (const link of strangers) link.destroy();
    },
  };
}

/** Where an accepted peer can be dialled: the address it came from and the port it says it listens on. */
function remoteOf(stream: ByteStream, hello: Hello): SocketAddress {
  const remote = stream.remote;
  return { address: 'address' in remote ? remote.address : '', port: hello.nodePort };
}
