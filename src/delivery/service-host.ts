import { ByteCopies } from '../protocol/byte-copies.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import { FrameKind } from '../protocol/frame.ts';
import { type NodeId, noNode } from '../protocol/ids.ts';
import { ReceivedRun } from '../protocol/message-run.ts';
import { NameCache } from '../protocol/name-cache.ts';
import { Reader } from '../protocol/reader.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import { ReceivedHead } from '../protocol/received-head.ts';
import { setReplyLoad } from '../protocol/reply-head.ts';
import { Writer } from '../protocol/writer.ts';
import type { Clock } from '../runtime/clock.ts';
import { BareReplies } from './bare-replies.ts';
import { createByPeer } from './by-peer.ts';
import type { Carrier, CarryResult } from './carrier.ts';
import { bareDelivered } from './delivered-batch.ts';
import { createDeliveredReplies } from './delivered-replies.ts';
import { wasNotExecuted } from './exchange.ts';
import { createExecutedMessages } from './executed-messages.ts';
import type { OnOwnerFault } from './owner-fault.ts';
import type { DeliveryReply } from './provider.ts';
import type { ProvisionState, Provisions } from './provisions.ts';
import { createRefusedReplies } from './refused-replies.ts';
import { reusedHeader } from './reused-header.ts';
import { createSweep, lookThrough } from './sweep.ts';
import { Work } from './work.ts';
import { refusal, writeReply } from './write-reply.ts';

export interface ServiceHostOptions {
  readonly clock: Clock;
  readonly self: NodeId;
  readonly selfName: string;
  readonly carrier: Carrier;
  readonly provisions: Provisions;
  readonly onOwnerFault: OnOwnerFault;
  /** Any number nobody outside knows. */
  readonly seed: number;
}

/** The receiver's side of messages: finds the provider, sees that nothing expired or repeated is executed, replies. */
export interface ServiceHost {
  /** Returns a fault when the frame is malformed. */
  onMessage(peer: NodeId, frame: ReceivedFrame): string | undefined;
  /** Likewise; those before what is malformed are taken [F19]. */
  onRun(peer: NodeId, frame: ReceivedFrame): string | undefined;
  onCancel(peer: NodeId, correlation: number): undefined;
  /** Replies that found no room may go now. */
  onDrain(peer: NodeId): void;
  /** Whoever asked is gone: work in hand for it is given up. */
  onPeerLost(peer: NodeId): void;
  inHand(): number;
  stop(): void;
}

export function createServiceHost(options: ServiceHostOptions): ServiceHost {
  const { clock, self, selfName, carrier, provisions } = options;
  const executed = createExecutedMessages(options.seed);
  const works = createByPeer<Work>();
  const replies = createDeliveredReplies({ clock, carrier, selfName, loadOf: (service) => provisions.loadOf(service) });
  const refusals = createRefusedReplies({ carrier, selfName, loadOf: (service) => provisions.loadOf(service) });
  const writer = new Writer();
  const bareWriter = new Writer(256);
  const names = new NameCache();
  const reader = new Reader(new Uint8Array(0), 0, 0, names);
  const bare = new BareReplies(selfName);
  const run = new ReceivedRun();
  const copies = new ByteCopies();
  const sweep = createSweep(clock, (now) => lookThrough(works.all(), now, abandon));
  const replyFields = reusedHeader(FrameKind.reply);
  const owner = { responded, passed };
  /** When the message came that is being handed over: what is answered meanwhile has ended then, as good as. */
  let handedAt: number | undefined;

  function take(work: Work): void {
    if (!work.isInHand) return;
    work.isInHand = false;
    works.delete(work.peer, work.correlation);
    provisions.release(work.provision);
  }

  /** Nobody waits for it any more. */
  function abandon(work: Work): void {
    if (!work.isInHand) return;
    take(work);
    if (work.isAnswered) return;
    // The provider may never answer what it was told to give up; a repetition must not wait for that if it need not.
    if (work.idempotent) executed.forget(work.execution);
    try {
      work.cancel();
    } catch (error) {
      options.onOwnerFault(`the provider of ${work.service}`, error);
    }
  }

  function send(peer: NodeId, correlation: number, head: Uint8Array, body: Uint8Array | undefined): CarryResult {
    replyFields.to = replyFields.from = peer;
    replyFields.correlation = correlation;
    return carrier.send(peer, replyFields, head, body);
  }

  /** Leaves the head in `writer` and returns the body. */
  function write(service: string, said: DeliveryReply): Uint8Array | undefined {
    return writeReply(writer, said, { load: provisions.loadOf(service), service, node: selfName });
  }

  function reply(peer: NodeId, correlation: number, service: string, said: DeliveryReply): void {
    const body = write(service, said);
    send(peer, correlation, writer.view(), body);
  }

  function responded(work: Work, said: DeliveryReply): void {
    if (said === bareDelivered) return delivered(work);
    const head = bare.find(said, work.service, provisions.loadOf(work.service));
    const now = handedAt ?? clock.now();
    if (head !== undefined) return settle(work, undefined, head, bodyOf(said), now);
    const body = write(work.service, said);
    settle(work, said.code, writer.view(), body, now);
  }

  function delivered(work: Work): void {
    const now = work.isInHand ? toldDelivered(work) : clock.now();
    if (!executed.endDelivered(work.execution, now)) return;
    write(work.service, bareDelivered);
    executed.tellWaiting(work.execution, writer.view(), undefined);
  }

  function toldDelivered(work: Work): number {
    take(work);
    return replies.add(work.peer, work.correlation, work.service);
  }

  /** An agent's program has answered, in its name: only the load is the agent's to say. */
  function passed(work: Work, code: ErrorCode | undefined, rest: Uint8Array, at: number | undefined): void {
    setReplyLoad(rest, 0, provisions.loadOf(work.service));
    settle(work, code, rest, undefined, at ?? clock.now());
  }

  /** A reply that finds no room keeps its place among the provider's work: who does not read gets no more work done. */
  function settle(
    work: Work,
    code: ErrorCode | undefined,
    head: Uint8Array,
    body: Uint8Array | undefined,
    now: number,
  ): void {
    executed.end(work.execution, head, body, !wasNotExecuted(code), now);
    if (!work.isInHand) return;
    if (send(work.peer, work.correlation, head, body) === 'busy') work.waiting = { head: head.slice(), body };
    else take(work);
  }

  function hand(peer: NodeId, frame: ReceivedFrame, head: ReceivedHead, to: ProvisionState, now: number): void {
    const execution = executed.begin(now);
    const work = new Work(owner, peer, frame, head, { provision: to, execution, now });
    to.inFlight += 1;
    const { provider } = to;
    handedAt = now;
    try {
      if (provider.forward === undefined) {
        work.keep(frame, frame === run.frame ? run.bodyStart : head.bodyStart, copies, names);
        work.cancel =
          provider.take === undefined
            ? provider.deliver(work, (said) => work.respond(said))
            : provider.take(work, work);
      } else work.cancel = provider.forward(frame === run.frame ? run.whole() : frame, work);
    } catch (error) {
      options.onOwnerFault(`the provider of ${head.service}`, error);
      work.respond(refusal('refused', 'failed', 'the provider threw'));
    }
    handedAt = undefined;
    // Most one-way messages have been answered by now.
    if (!work.isInHand) return;
    works.set(peer, work.correlation, work);
    sweep.by(work.deadlineAt);
  }

  /** In place of a reply that is read or told meanwhile. */
  function sendBare(peer: NodeId, correlation: number, service: string, said: DeliveryReply): void {
    writeReply(bareWriter, said, { load: provisions.loadOf(service), service, node: selfName });
    send(peer, correlation, bareWriter.view(), undefined);
  }

  /** A message that was here before: it is told what became of the first. */
  function repeat(peer: NodeId, correlation: number, service: string, execution: number): void {
    const kept = executed.replyOf(execution);
    const tell = (head: Uint8Array, body: Uint8Array | undefined): void => {
      if (send(peer, correlation, head, body) === 'busy') sendBare(peer, correlation, service, noRoom);
    };
    const isWaiting = () => executed.join(execution, tell);
    if (kept !== undefined) tell(kept, undefined);
    else if (executed.isDelivered(execution)) replies.add(peer, correlation, service);
    else if (executed.isDone(execution)) {
      reply(peer, correlation, service, duplicate('it was executed before, and its reply is no longer kept'));
    } else if (!isWaiting()) {
      reply(peer, correlation, service, duplicate('it is in hand, and too many wait for its reply'));
    }
  }

  /** Why no provider gets it. */
  function refusalOf(provision: ProvisionState | undefined, service: string): DeliveryReply | undefined {
    if (provision === undefined) return refusal('refused', 'no-instance', `${selfName} does not serve ${service}`);
    if (provision.state === 'draining') {
      return refusal('refused', 'draining', `${service} on ${selfName} is being withdrawn`);
    }
    if (provision.inFlight < provision.options.inFlightMax) return undefined;
    provision.provider.missed?.(1);
    return refusal('refused', 'busy', `${provision.inFlight} messages are in hand there`);
  }

  function onMessage(peer: NodeId, frame: ReceivedFrame): string | undefined {
    const head = new ReceivedHead(frame);
    const malformed = head.read(reader);
    if (malformed !== undefined) return `bad message: ${malformed}`;
    return admit(peer, frame, head);
  }

  function onRun(peer: NodeId, frame: ReceivedFrame): string | undefined {
    run.begin(frame, frame.readAt ?? clock.now());
    while (run.next(reader, clock.now())) {
      const fault = admit(peer, run.frame, run.head());
      if (fault !== undefined) return fault;
    }
    return run.fault === undefined ? undefined : `bad run: ${run.fault}`;
  }

  function admit(peer: NodeId, frame: ReceivedFrame, head: ReceivedHead): string | undefined {
    const { correlation } = frame;
    if (works.get(peer, correlation) !== undefined) return 'a message under a correlation that is in use';
    const { service } = head;
    if (frame.to !== self && frame.to !== noNode) {
      reply(peer, correlation, service, refusal('refused', 'unreachable', 'this node does not pass messages on'));
      return undefined;
    }
    if (frame.deadlineMs <= 0) {
      reply(peer, correlation, service, refusal('expired', 'deadline', 'the deadline passed on the way'));
      return undefined;
    }
    const now = frame.readAt ?? clock.now();
    const before = executed.find(frame.bytes, frame.start, now);
    if (before >= 0) {
      repeat(peer, correlation, service, before);
      return undefined;
    }
    const provision = provisions.pick(service, 'messages');
    const refused = refusalOf(provision, service);
    if (refused?.code === 'busy') refusals.add(peer, correlation, service, refused);
    else if (refused !== undefined || provision === undefined) {
      reply(peer, correlation, service, refused ?? refusal('refused', 'no-instance', ''));
    } else hand(peer, frame, head, provision, now);
    return undefined;
  }

  return {
    onMessage,
    onRun,
    onCancel(peer, correlation) {
      const work = works.get(peer, correlation);
      if (work !== undefined) abandon(work);
      return undefined;
    },
    onDrain(peer) {
      for (const work of works.of(peer)) {
        const { waiting } = work;
        if (waiting !== undefined && send(peer, work.correlation, waiting.head, waiting.body) !== 'busy') take(work);
      }
    },
    onPeerLost(peer) {
      for (const work of works.of(peer)) abandon(work);
      replies.forget(peer);
      refusals.forget(peer);
    },
    inHand: () => works.count,
    stop() {
      sweep.stop();
      for (const work of works.all()) abandon(work);
      replies.flush();
      refusals.flush();
    },
  };
}

function bodyOf({ bodyKind, body }: DeliveryReply): Uint8Array | undefined {
  return bodyKind === 'none' || body.length === 0 ? undefined : body;
}

/** It goes beyond the bound of what may be queued; the reply itself, with its body, does not. */
const noRoom = duplicate('it was executed before, and there is no room for its reply');

function duplicate(reason: string): DeliveryReply {
  return refusal('refused', 'duplicate', reason);
}
