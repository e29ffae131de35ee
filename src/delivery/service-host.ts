import { FrameFlag, FrameKind } from '../protocol/frame.ts';
import { type NodeId, noNode } from '../protocol/ids.ts';
import { hopsMax } from '../protocol/limits.ts';
import { decodeMessageHead, type MessageHead } from '../protocol/message-head.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import { Writer } from '../protocol/writer.ts';
import type { Clock } from '../runtime/clock.ts';
import { createByPeer } from './by-peer.ts';
import type { Carrier, CarryResult } from './carrier.ts';
import { createDeadlines } from './deadlines.ts';
import { wasNotExecuted } from './exchange.ts';
import { createExecutedMessages, type Execution } from './executed-messages.ts';
import type { OnOwnerFault } from './owner-fault.ts';
import type { DeliveryReply } from './provider.ts';
import type { ProvisionState, Provisions } from './provisions.ts';
import { refusal, writeReply } from './write-reply.ts';

export interface ServiceHostOptions {
  readonly clock: Clock;
  readonly self: NodeId;
  readonly selfName: string;
  readonly carrier: Carrier;
  readonly provisions: Provisions;
  readonly onOwnerFault: OnOwnerFault;
}

/** The receiver's side of messages: finds the provider, sees that nothing expired or repeated is executed, replies. */
export interface ServiceHost {
  /** Returns a fault when the frame is malformed. */
  onMessage(peer: NodeId, frame: ReceivedFrame): string | undefined;
  onCancel(peer: NodeId, correlation: number): undefined;
  /** Replies that found no room may go now. */
  onDrain(peer: NodeId): void;
  /** Whoever asked is gone: work in hand for it is given up. */
  onPeerLost(peer: NodeId): void;
  readonly inHand: number;
  stop(): void;
}

/** A message a provider has in hand, or whose reply waits for room: both count for the provider's bound. */
interface Work {
  readonly key: number;
  readonly peer: NodeId;
  readonly correlation: number;
  readonly deadlineAt: number;
  readonly idempotent: boolean;
  readonly service: string;
  readonly provision: ProvisionState;
  readonly execution: Execution;
  said: DeliveryReply | undefined;
  cancel: () => void;
}

export function createServiceHost(options: ServiceHostOptions): ServiceHost {
  const { clock, self, selfName, carrier, provisions } = options;
  const executed = createExecutedMessages();
  const works = new Map<number, Work>();
  const byPeer = createByPeer<Work>();
  const writer = new Writer();
  let lastKey = 0;
  const deadlines = createDeadlines(clock, {
    isPending: (key) => works.has(key),
    due(key) {
      const work = works.get(key);
      if (work !== undefined && work.deadlineAt <= clock.now()) abandon(work);
    },
  });

  function take(work: Work): void {
    if (!works.delete(work.key)) return;
    byPeer.delete(work.peer, work.correlation);
    provisions.release(work.provision);
  }

  /** Nobody waits for it any more. */
  function abandon(work: Work): void {
    if (!works.has(work.key)) return;
    take(work);
    if (work.said !== undefined) return;
    // The provider may never answer what it was told to give up; a repetition must not wait for that if it need not.
    if (work.idempotent) executed.forget(work.execution);
    try {
      work.cancel();
    } catch (error) {
      options.onOwnerFault(`the provider of ${work.service}`, error);
    }
  }

  function reply(peer: NodeId, correlation: number, service: string, said: DeliveryReply): CarryResult {
    const body = writeReply(writer, said, { load: provisions.loadOf(service), service, node: selfName });
    const fields = {
      kind: FrameKind.reply,
      flags: 0,
      hops: hopsMax,
      to: peer,
      from: peer,
      correlation,
      deadlineMs: Number.POSITIVE_INFINITY,
    };
    return carrier.send(peer, fields, writer.view(), body);
  }

  /** A reply that finds no room keeps its place among the provider's work: who does not read gets no more work done. */
  function answer(work: Work, said: DeliveryReply): void {
    work.said = said;
    if (works.has(work.key) && reply(work.peer, work.correlation, work.service, said) !== 'busy') take(work);
  }

  function hand(peer: NodeId, frame: ReceivedFrame, head: MessageHead, body: Uint8Array, to: ProvisionState): void {
    lastKey += 1;
    const { correlation, deadlineMs } = frame;
    const replyWanted = (frame.flags & FrameFlag.replyWanted) !== 0;
    const idempotent = (frame.flags & FrameFlag.idempotent) !== 0;
    const { service } = head;
    const work: Work = {
      key: lastKey,
      peer,
      correlation,
      deadlineAt: clock.now() + deadlineMs,
      idempotent,
      service,
      provision: to,
      execution: executed.begin(head.id, clock.now()),
      said: undefined,
      cancel() {},
    };
    works.set(work.key, work);
    byPeer.set(peer, correlation, work);
    to.inFlight += 1;
    deadlines.add(work.key, work.deadlineAt);
    let responded = false;
    const respond = (said: DeliveryReply) => {
      if (responded) return;
      responded = true;
      executed.end(work.execution, said, !wasNotExecuted(said.code), clock.now());
      answer(work, said);
    };
    try {
      work.cancel = to.provider.deliver({ head, body, replyWanted, idempotent, deadlineMs }, respond);
    } catch (error) {
      options.onOwnerFault(`the provider of ${service}`, error);
      respond(refusal('refused', 'failed', 'the provider threw'));
    }
  }

  /** A message that was here before: it is told what became of the first. */
  function repeat(peer: NodeId, correlation: number, service: string, execution: Execution): void {
    const tell = (said: DeliveryReply) => void reply(peer, correlation, service, said);
    if (execution.reply !== undefined) tell(execution.reply);
    else if (execution.isDone) tell(duplicate('it was executed before, and its reply is no longer kept'));
    else if (!executed.join(execution, tell)) tell(duplicate('it is in hand, and too many wait for its reply'));
  }

  /** Why no provider gets it. */
  function refusalOf(provision: ProvisionState | undefined, service: string): DeliveryReply | undefined {
    if (provision === undefined) return refusal('refused', 'no-instance', `${selfName} does not serve ${service}`);
    if (provision.state === 'draining') {
      return refusal('refused', 'draining', `${service} on ${selfName} is being withdrawn`);
    }
    if (provision.inFlight < provision.options.inFlightMax) return undefined;
    return refusal('refused', 'busy', `${provision.inFlight} messages are in hand there`);
  }

  function onMessage(peer: NodeId, frame: ReceivedFrame): string | undefined {
    const decoded = decodeMessageHead(frame.bytes, frame.start, frame.end);
    if (!decoded.ok) return `bad message: ${decoded.reason}`;
    const { correlation } = frame;
    if (byPeer.get(peer, correlation) !== undefined) return 'a message under a correlation that is in use';
    const { head } = decoded;
    const { service } = head;
    if (frame.to !== self && frame.to !== noNode) {
      reply(peer, correlation, service, refusal('refused', 'unreachable', 'this node does not pass messages on'));
      return undefined;
    }
    if (frame.deadlineMs <= 0) {
      reply(peer, correlation, service, refusal('expired', 'deadline', 'the deadline passed on the way'));
      return undefined;
    }
    const before = executed.find(head.id, clock.now());
    const provision = before === undefined ? provisions.pick(service, 'messages') : undefined;
    const refused = before === undefined ? refusalOf(provision, service) : undefined;
    if (before !== undefined) repeat(peer, correlation, service, before);
    else if (refused !== undefined || provision === undefined) {
      reply(peer, correlation, service, refused ?? refusal('refused', 'no-instance', ''));
    } else hand(peer, frame, head, frame.bytes.slice(decoded.bodyStart, frame.end), provision);
    return undefined;
  }

  return {
    onMessage,
    onCancel(peer, correlation) {
      const work = byPeer.get(peer, correlation);
      if (work !== undefined) abandon(work);
      return undefined;
    },
    onDrain(peer) {
      for (const work of byPeer.of(peer)) if (work.said !== undefined) answer(work, work.said);
    },
    onPeerLost(peer) {
      for (const work of byPeer.of(peer)) abandon(work);
    },
    get inHand() {
      return works.size;
    },
    stop() {
      deadlines.stop();
      for (const work of [...works.values()]) abandon(work);
    },
  };
}

function duplicate(reason: string): DeliveryReply {
  return refusal('refused', 'duplicate', reason);
}
