import type { Hello } from '../protocol/hello.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import { formatSocketAddress, type SocketAddress } from '../protocol/socket-address.ts';
import type { Clock } from '../runtime/clock.ts';
import type { ByteStream, Streams } from '../runtime/streams.ts';
import { carry, isWorthDialling } from './carry.ts';
import { createFrameLink, type LinkRefusal } from './create-frame-link.ts';
import type { FrameLink, FrameLinkEvents, LinkLoss } from './frame-link.ts';
import type { KeepAliveTiming } from './keep-alive.ts';
import { createPeer, detach, isIdle, type Peer } from './peer.ts';
import type { PeerLinkEvents, PeerLinks } from './peer-links.ts';
import { refusalOfStranger } from './refusal-of-stranger.ts';

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

/** A failed dial is not repeated sooner: whoever wants to send meanwhile is told `unreachable` at once. */
const dialPauseMs = 100;
/** [F2] With these there is no hope until somebody has been at work on one of the two. */
const hopelessPauseMs = 60_000;
const hopelessKinds: ReadonlySet<LinkLoss['kind']> = new Set(['incompatible', 'other-cluster']);
/** After goaway 2 the other side's own dial is awaited this long ([F3]). */
const duplicateWaitMs = 500;
/** [F1] An accepted connection has this long to say hello. */
const helloTimeoutMs = 5_000;
/** Accepted connections that have not said hello: of a flood of them the oldest give way, for who is honest speaks at once. */
const strangersMax = 256;
/** After the other side has ended in order, what is queued for it has this long to get out. */
const lingerMs = 500;
export function createPeerLinks(options: PeerLinksOptions, events: PeerLinkEvents): PeerLinkTable {
  const { clock } = options;
  const peers = new Map<NodeId, Peer>();
  const strangers = new Set<FrameLink>();
  let closed = false;
  let openCount = 0;

  function peerOf(id: NodeId): Peer {
    let peer = peers.get(id);
    if (peer === undefined) {
      peer = createPeer(id);
      peers.set(id, peer);
    }
    return peer;
  }

  function release(peer: Peer): void {
    if (isIdle(peer) && peers.get(peer.id) === peer) peers.delete(peer.id);
  }

  function linkOptions(role: 'dialler' | 'acceptor', judge: (hello: Hello) => LinkRefusal | undefined) {
    const { keepAlive, dialTimeoutMs } = options;
    const hello = options.hello();
    const openTimeoutMs = role === 'dialler' ? dialTimeoutMs : helloTimeoutMs;
    const ofBoth = (theirs: Hello) => refusalOfStranger(hello, theirs) ?? judge(theirs);
    return { clock, keepAlive, role, hello, openTimeoutMs, admit: ofBoth };
  }

  function opened(peer: Peer, link: FrameLink, hello: Hello, at: SocketAddress): void {
    peer.redial?.cancel();
    peer.pause?.cancel();
    peer.redial = peer.pause = undefined;
    peer.link = link;
    openCount += 1;
    peer.held.release(clock.now(), link.send);
    events.onUp(peer.id, hello, at);
  }

  function tellLost(peer: Peer, loss: LinkLoss): void {
    peer.telling = true;
    events.onLost(peer.id, loss);
    peer.telling = false;
  }

  /** Its link is no more, whatever its stream still does. */
  function gone(peer: Peer, loss: LinkLoss | undefined): void {
    peer.link = undefined;
    openCount -= 1;
    tellLost(peer, loss ?? { kind: 'lost', text: 'closed by the other side' });
    release(peer);
  }

  function giveUp(peer: Peer, text: string): void {
    const { link } = peer;
    if (link === undefined) return;
    link.destroy();
    gone(peer, { kind: 'lost', text });
  }

  function dialFailed(peer: Peer, pauseMs: number, text: string): void {
    peer.held.clear();
    peer.pause = clock.schedule(pauseMs, () => {
      peer.pause = undefined;
      release(peer);
    });
    tellLost(peer, { kind: 'unreachable', text });
  }

  /** What an open link of a peer tells, however it came about. */
  function linkEvents(peerNow: () => Peer | undefined, linkNow: () => FrameLink) {
    const current = () => {
      const peer = peerNow();
      return peer !== undefined && peer.link === linkNow() ? peer : undefined;
    };
    return {
      onFrame(frame: ReceivedFrame) {
        const peer = current();
        return peer === undefined ? undefined : events.onFrame(peer.id, frame);
      },
      onDrain() {
        const peer = current();
        if (peer !== undefined) events.onDrain(peer.id);
      },
      onEnd() {
        const peer = current();
        if (peer !== undefined) gone(peer, undefined);
        linkNow().end();
        clock.schedule(lingerMs, () => linkNow().destroy());
      },
    } satisfies Partial<FrameLinkEvents>;
  }

  function dial(peer: Peer): boolean {
    const address = options.addressOf(peer.id);
    if (address === undefined) return false;
    const stream = options.streams.connect(address);
    const judge = ({ node }: Hello): LinkRefusal | undefined =>
      node === peer.id ? undefined : { reason: 'not-allowed', text: `expected node ${peer.id}` };
    const link: FrameLink = createFrameLink(stream, linkOptions('dialler', judge), {
      ...linkEvents(
        () => peer,
        () => link,
      ),
      onOpen(hello) {
        peer.dial = undefined;
        opened(peer, link, hello, address);
      },
      onClose(loss) {
        if (peer.link === link) gone(peer, loss);
        else if (peer.dial === link) dialClosed(peer, address, loss);
      },
    });
    peer.dial = link;
    return true;
  }

  function dialClosed(peer: Peer, address: SocketAddress, loss: LinkLoss | undefined): void {
    peer.dial = undefined;
    if (loss?.kind === 'duplicate-link') return awaitTheirs(peer);
    const pauseMs = loss !== undefined && hopelessKinds.has(loss.kind) ? hopelessPauseMs : dialPauseMs;
    dialFailed(peer, pauseMs, `${formatSocketAddress(address)}: ${loss?.text ?? 'closed'}`);
  }

  function awaitTheirs(peer: Peer): void {
    peer.redial = clock.schedule(duplicateWaitMs, () => {
      peer.redial = undefined;
      if (!dial(peer)) dialFailed(peer, dialPauseMs, 'no address');
    });
  }

  /** [F3]: decides whether who has just said hello on an accepted stream gets the link. */
  function admit(hello: Hello): LinkRefusal | undefined {
    if (closed) return { reason: 'leaving', text: 'leaving' };
    if (hello.node === options.self) return { reason: 'not-allowed', text: 'this is the same node' };
    const peer = peers.get(hello.node);
    if (peer?.link !== undefined) {
      if ((peer.link.peer?.incarnation ?? 0) >= hello.incarnation) {
        peer.link.verify();
        return { reason: 'duplicate-link', text: 'there is a link already' };
      }
      giveUp(peer, 'the other node has restarted');
    }
    if (peer?.dial !== undefined && options.self < hello.node) {
      return { reason: 'duplicate-link', text: 'a dial the other way is under way' };
    }
    return undefined;
  }

  function accept(stream: ByteStream): void {
    if (closed) {
      stream.start({ onData() {}, onConnect() {}, onDrain() {}, onEnd() {}, onClose() {} });
      stream.destroy();
      return;
    }
    for (const oldest of strangers) {
      if (strangers.size < strangersMax) break;
      strangers.delete(oldest);
      oldest.destroy();
    }
    let peer: Peer | undefined;
    const link: FrameLink = createFrameLink(stream, linkOptions('acceptor', admit), {
      ...linkEvents(
        () => peer,
        () => link,
      ),
      onOpen(hello) {
        strangers.delete(link);
        peer = peerOf(hello.node);
        const ownDial = peer.dial;
        peer.dial = undefined;
        ownDial?.destroy();
        opened(peer, link, hello, remoteOf(stream, hello));
      },
      onClose(loss) {
        strangers.delete(link);
        if (peer?.link === link) gone(peer, loss);
      },
    });
    strangers.add(link);
  }

  return {
    accept,
    send(id, fields, head, body) {
      if (closed) return 'unreachable';
      const peer = peerOf(id);
      if (peer.link !== undefined) return carry(peer.link, fields, head, body);
      if (peer.telling || peer.pause !== undefined) return 'unreachable';
      if (peer.dial === undefined && peer.redial === undefined && (!isWorthDialling(fields.kind) || !dial(peer))) {
        release(peer);
        return 'unreachable';
      }
      return peer.held.add(fields, head, body, clock.now());
    },
    open(id) {
      if (closed) return;
      const peer = peerOf(id);
      if (isIdle(peer)) dial(peer);
      release(peer);
    },
    isOpen: (id) => peers.get(id)?.link !== undefined,
    get count() {
      return openCount;
    },
    forget(id) {
      const peer = peers.get(id);
      if (peer === undefined) return;
      const wasWaiting = (peer.dial ?? peer.redial) !== undefined;
      const { dial: ownDial } = peer;
      peer.redial?.cancel();
      peer.redial = peer.dial = undefined;
      ownDial?.destroy();
      if (wasWaiting) dialFailed(peer, dialPauseMs, 'the other node is gone');
      giveUp(peer, 'the other node is gone');
    },
    close() {
      closed = true;
      openCount = 0;
      for (const { link, dial: ownDial, redial, pause } of [...peers.values()].map(detach)) {
        redial?.cancel();
        pause?.cancel();
        ownDial?.destroy();
        link?.goaway('leaving', 'leaving');
      }
      peers.clear();
      for (const link of strangers) link.destroy();
    },
  };
}

/** Where an accepted peer can be dialled: the address it came from and the port it says it listens on. */
function remoteOf(stream: ByteStream, hello: Hello): SocketAddress {
  const remote = stream.remote;
  return { address: 'address' in remote ? remote.address : '', port: hello.nodePort };
}
