import { FrameFlag, FrameKind } from '../protocol/frame.ts';
import type { NodeId } from '../protocol/ids.ts';
import { hopsMax } from '../protocol/limits.ts';
import { decodeMessageHead, type MessageHead } from '../protocol/message-head.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import { writeReplyHead } from '../protocol/reply-head.ts';
import { Writer } from '../protocol/writer.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Carrier } from './carrier.ts';
import { createDeadlines } from './deadlines.ts';
import { wasNotExecuted } from './exchange.ts';
import { createExecutedMessages } from './executed-messages.ts';
import type { DeliveryReply } from './provider.ts';
import type { Provisions, ProvisionState } from './provisions.ts';

export interface ServiceHostOptions {
  readonly clock: Clock;
  readonly self: NodeId;
  readonly selfName: string;
  readonly carrier: Carrier;
  readonly provisions: Provisions;
}

/** The receiver's side of messages: finds the provider, sees that nothing expired or repeated is executed, replies. */
export interface ServiceHost {
  /** Returns a fault when the frame is malformed. */
  onMessage(peer: NodeId, frame: ReceivedFrame): string | undefined;
  onCancel(peer: NodeId, correlation: number): undefined;
  /** Whoever asked is gone: work in hand for it is given up. */
  onPeerLost(peer: NodeId): void;
  readonly inHand: number;
  stop(): void;
}

/** A message a provider has in hand. */
interface Work {
  readonly key: number;
  readonly peer: NodeId;
  readonly correlation: number;
  readonly deadlineAt: number;
  readonly provision: ProvisionState;
  cancel: () => void;
}

export function createServiceHost(options: ServiceHostOptions): ServiceHost {
  const { clock, self, carrier, provisions } = options;
  const executed = createExecutedMessages();
  const works = new Map<number, Work>();
  const byPeer = new Map<NodeId, Map<number, Work>>();
  const writer = new Writer();
  let lastKey = 0;
  const deadlines = createDeadlines(clock, (key) => {
    const work = works.get(key);
    if (work !== undefined && work.deadlineAt <= clock.now()) abandon(work);
  });

  function take(work: Work): boolean {
    if (!works.delete(work.key)) return false;
    const ofPeer = byPeer.get(work.peer);
    ofPeer?.delete(work.correlation);
    if (ofPeer?.size === 0) byPeer.delete(work.peer);
    provisions.release(work.provision);
    return true;
  }

  function abandon(work: Work): void {
    if (take(work)) work.cancel();
  }

  function reply(peer: NodeId, correlation: number, service: string, said: DeliveryReply): void {
    writer.reset();
    const { outcome, code, bodyKind, reason, params } = said;
    const load = provisions.loadOf(service);
    writeReplyHead(writer, { outcome, code, bodyKind, load, service, node: options.selfName, reason, params });
    const fields = {
      kind: FrameKind.reply,
      flags: 0,
      hops: hopsMax,
      to: peer,
      from: peer,
      correlation,
      deadlineMs: Number.POSITIVE_INFINITY,
    };
    carrier.send(peer, fields, writer.view(), said.body);
  }

  function hand(
    peer: NodeId,
    frame: ReceivedFrame,
    head: MessageHead,
    body: Uint8Array,
    provision: ProvisionState,
  ): void {
    lastKey += 1;
    const { correlation, deadlineMs } = frame;
    const replyWanted = (frame.flags & FrameFlag.replyWanted) !== 0;
    const idempotent = (frame.flags & FrameFlag.idempotent) !== 0;
    const deadlineAt = clock.now() + deadlineMs;
    const work: Work = { key: lastKey, peer, correlation, deadlineAt, provision, cancel() {} };
    works.set(work.key, work);
    const ofPeer = byPeer.get(peer) ?? new Map<number, Work>();
    ofPeer.set(correlation, work);
    byPeer.set(peer, ofPeer);
    provision.inFlight += 1;
    if (deadlineAt !== Number.POSITIVE_INFINITY) deadlines.add(work.key, deadlineAt);
    let responded = false;
    work.cancel = provision.provider.deliver({ head, body, replyWanted, idempotent, deadlineMs }, (said) => {
      if (responded) return;
      responded = true;
      executed.end(head.id, said, clock.now());
      if (wasNotExecuted(said.code)) executed.forget(head.id);
      if (take(work)) reply(peer, correlation, head.service, said);
    });
  }

  function onMessage(peer: NodeId, frame: ReceivedFrame): string | undefined {
    const decoded = decodeMessageHead(frame.bytes, frame.start, frame.end);
    if (!decoded.ok) return `bad message: ${decoded.reason}`;
    const { head } = decoded;
    const { correlation } = frame;
    const refuse = (code: 'no-instance' | 'busy' | 'draining' | 'duplicate' | 'unreachable', reason: string) =>
      reply(peer, correlation, head.service, refusal('refused', code, reason));
    if (frame.to !== self) refuse('unreachable', 'this node does not pass messages on');
    else if (frame.deadlineMs <= 0) {
      reply(peer, correlation, head.service, refusal('expired', 'deadline', 'the deadline passed on the way'));
    } else {
      const provision = provisions.pick(head.service, 'messages');
      if (provision === undefined) refuse('no-instance', `${options.selfName} does not serve ${head.service}`);
      else if (provision.state === 'draining')
        refuse('draining', `${head.service} on ${options.selfName} is being withdrawn`);
      else if (provision.inFlight >= provision.options.inFlightMax) {
        refuse('busy', `${provision.inFlight} messages are in hand there`);
      } else {
        const execution = executed.begin(head.id, clock.now());
        if (execution.state === 'new')
          hand(peer, frame, head, frame.bytes.slice(decoded.bodyStart, frame.end), provision);
        else if (execution.state === 'running') execution.join((said) => reply(peer, correlation, head.service, said));
        else if (execution.reply !== undefined) reply(peer, correlation, head.service, execution.reply);
        else refuse('duplicate', 'it was executed before, and its reply is no longer kept');
      }
    }
    return undefined;
  }

  return {
    onMessage,
    onCancel(peer, correlation) {
      const work = byPeer.get(peer)?.get(correlation);
      if (work !== undefined) abandon(work);
      return undefined;
    },
    onPeerLost(peer) {
      for (const work of [...(byPeer.get(peer)?.values() ?? [])]) abandon(work);
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

const noBytes = new Uint8Array(0);
const noParams = Object.freeze({});

function refusal(outcome: 'refused' | 'expired', code: DeliveryReply['code'], reason: string): DeliveryReply {
  return { outcome, code, reason, params: noParams, bodyKind: 'none', body: noBytes };
}
