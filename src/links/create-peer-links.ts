import type { Hello } from '../protocol/hello.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import { formatSocketAddress, type SocketAddress } from '../protocol/socket-address.ts';
import type { ByteStream } from '../runtime/streams.ts';
import { carry, carryFrames, isWorthDialling } from './carry.ts';
import { createFrameLink, type LinkRefusal } from './create-frame-link.ts';
import type { FrameLink, FrameLinkEvents, LinkLoss } from './frame-link.ts';
import { type LinkWay, remoteOf } from './link-way.ts';
import { createPeer, detach, isIdle, type Peer, unwrittenBytesOf } from './peer.ts';
import type { PeerLinksOptions, PeerLinkTable } from './peer-link-table.ts';
import type { PeerLinkEvents } from './peer-links.ts';
import { refusalOfSecond } from './refusal-of-second.ts';
import { refusalOfStranger } from './refusal-of-stranger.ts';
import { createRenewal } from './renewal.ts';
import { createStrangers } from './strangers.ts';
import { beginSuccession } from './succession.ts';

/** A failed dial is not repeated sooner: whoever wants to send meanwhile is told `unreachable` at once. */
const dialPauseMs = 100;
/** [F2] With these there is no hope until somebody has been at work on one of the two. */
const hopelessPauseMs = 60_000;
const hopelessKinds: ReadonlySet<LinkLoss['kind']> = new Set(['incompatible', 'other-cluster']);
/** After goaway 2 the other side's own dial is awaited this long ([F3]). */
const duplicateWaitMs = 500;
/** [F1] An accepted connection has this long to say hello. */
const helloTimeoutMs = 5_000;
/** After the other side has ended in order, what is queued for it has this long to get out. */
const lingerMs = 500;

export function createPeerLinks(options: PeerLinksOptions, events: PeerLinkEvents): PeerLinkTable {
  const { clock } = options;
  const peers = new Map<NodeId, Peer>();
  const strangers = createStrangers();
  const renewal = createRenewal(clock, { dial, giveUp });
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

  function opened(peer: Peer, link: FrameLink, hello: Hello, { at, identity }: LinkWay): void {
    peer.redial?.cancel();
    peer.pause?.cancel();
    peer.redial = peer.pause = peer.renewBy = undefined;
    peer.identity = identity;
    const old = peer.link;
    peer.link = link;
    if (old !== undefined) {
      peer.succession = beginSuccession(clock, old, link, peer.isDrained);
      peer.isDrained = false;
      events.onDrain(peer.id);
      return;
    }
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
    endSuccession(peer)?.destroy();
    renewal.cancel(peer);
    tellLost(peer, loss ?? { kind: 'lost', text: 'closed by the other side' });
    release(peer);
  }

  function endSuccession(peer: Peer): FrameLink | undefined {
    const { succession } = peer;
    peer.succession = undefined;
    succession?.over();
    return succession?.old;
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
    /** The peer whose link follows upon this one. */
    const outgoing = () => {
      const peer = peerNow();
      return peer !== undefined && peer.succession?.old === linkNow() ? peer : undefined;
    };
    return {
      onFrame(frame: ReceivedFrame) {
        const peer = current() ?? outgoing();
        if (peer === undefined) return undefined;
        if (peer.succession?.isWaiting !== true || peer.succession.old === linkNow()) {
          return events.onFrame(peer.id, frame);
        }
        peer.succession.hold(frame);
        return undefined;
      },
      onDrain() {
        const peer = current();
        if (peer !== undefined) events.onDrain(peer.id);
      },
      onEnd() {
        const follower = outgoing();
        if (follower !== undefined) {
          follower.succession?.drained((frame) => events.onFrame(follower.id, frame));
          return;
        }
        const peer = current();
        if (peer?.dial !== undefined && peer.renewBy !== undefined) {
          peer.isDrained = true;
          return;
        }
        if (peer !== undefined) gone(peer, undefined);
        linkNow().end();
        clock.schedule(lingerMs, () => linkNow().destroy());
      },
    } satisfies Partial<FrameLinkEvents>;
  }

  function dial(peer: Peer): boolean {
    const address = options.addressOf(peer.id);
    if (address === undefined) return false;
    const secure = options.secure?.(address);
    const stream = options.streams.connect(address, secure);
    const judge = ({ node }: Hello): LinkRefusal | undefined =>
      node === peer.id ? undefined : { reason: 'not-allowed', text: `expected node ${peer.id}` };
    const link: FrameLink = createFrameLink(stream, linkOptions('dialler', judge), {
      ...linkEvents(
        () => peer,
        () => link,
      ),
      onOpen(hello) {
        peer.dial = undefined;
        opened(peer, link, hello, { at: address, identity: secure?.identity });
      },
      onClose(loss) {
        if (peer.dial === link) dialClosed(peer, address, loss);
        else closedLink(peer, link, loss);
      },
    });
    peer.dial = link;
    return true;
  }

  function closedLink(peer: Peer, link: FrameLink, loss: LinkLoss | undefined): void {
    if (peer.link === link) gone(peer, loss);
    if (peer.succession?.old !== link) return;
    // What was under way on it may be lost, and with it the order of what follows.
    if (loss !== undefined) giveUp(peer, loss.text);
    else endSuccession(peer);
  }

  function dialClosed(peer: Peer, address: SocketAddress, loss: LinkLoss | undefined): void {
    peer.dial = undefined;
    if (peer.link !== undefined) return renewal.failed(peer, loss?.text ?? 'closed');
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

  function admit(hello: Hello, identity: string | undefined): LinkRefusal | undefined {
    if (closed) return { reason: 'leaving', text: 'leaving' };
    const peer = peers.get(hello.node);
    const isRestarted = (peer?.link?.peer()?.incarnation ?? hello.incarnation) < hello.incarnation;
    if (peer !== undefined && isRestarted) giveUp(peer, 'the other node has restarted');
    const refusal = refusalOfSecond(options.self, hello.node, identity, peer);
    if (refusal !== undefined) peer?.link?.verify();
    return refusal;
  }

  function accept(stream: ByteStream, identity: string | undefined): void {
    if (closed) {
      stream.start({ onData() {}, onConnect() {}, onDrain() {}, onEnd() {}, onClose() {} });
      stream.destroy();
      return;
    }
    strangers.makeRoom();
    let peer: Peer | undefined;
    const link: FrameLink = createFrameLink(
      stream,
      linkOptions('acceptor', (hello) => admit(hello, identity)),
      {
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
          opened(peer, link, hello, { at: remoteOf(stream, hello), identity });
        },
        onClose(loss) {
          strangers.delete(link);
          if (peer !== undefined) closedLink(peer, link, loss);
        },
      },
    );
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
    sendFrames: (id, frames, now) => carryFrames(peers.get(id)?.link, frames, now),
    open(id) {
      if (closed) return;
      const peer = peerOf(id);
      if (isIdle(peer)) dial(peer);
      release(peer);
    },
    isOpen: (id) => peers.get(id)?.link !== undefined,
    unwrittenBytes: (id) => unwrittenBytesOf(peers.get(id)),
    count: () => openCount,
    forget(id) {
      const peer = peers.get(id);
      if (peer === undefined) return;
      const { dial: ownDial, redial } = peer;
      peer.redial = peer.dial = undefined;
      redial?.cancel();
      ownDial?.destroy();
      if (peer.link === undefined && (ownDial ?? redial)) dialFailed(peer, dialPauseMs, 'the other node is gone');
      giveUp(peer, 'the other node is gone');
    },
    renew: (isValid) => renewal.begin(peers.values(), isValid),
    close() {
      closed = true;
      openCount = 0;
      for (const peer of peers.values()) endSuccession(peer)?.destroy();
      for (const { link, dial: ownDial, redial, pause } of [...peers.values()].map(detach)) {
        redial?.cancel();
        pause?.cancel();
        ownDial?.destroy();
        link?.goaway('leaving', 'leaving');
      }
      peers.clear();
      strangers.destroyAll();
    },
  };
}
