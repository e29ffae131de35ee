import type { ProgramRequest } from '../api/program-request.ts';
import { BareReplies } from '../delivery/bare-replies.ts';
import { CorrelationTable } from '../delivery/correlation-table.ts';
import { bareDelivered, DeliveredBatch } from '../delivery/delivered-batch.ts';
import type { WorkingState } from '../delivery/flap-damping.ts';
import type { Delivery, DeliveryReply, ProvideOptions, Provider, Provision } from '../delivery/provider.ts';
import { ByteCopies } from '../protocol/byte-copies.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { FrameFlag, FrameKind } from '../protocol/frame.ts';
import { NameCache } from '../protocol/name-cache.ts';
import { Reader } from '../protocol/reader.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import { ReceivedHead } from '../protocol/received-head.ts';
import { writeReplyHead } from '../protocol/reply-head.ts';
import { formatSocketAddress } from '../protocol/socket-address.ts';
import { Writer } from '../protocol/writer.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { AgentLink } from './agent-link.ts';
import type { AgentRequests } from './agent-requests.ts';

interface Served {
  readonly service: string;
  readonly provider: Provider;
  readonly options: ProvideOptions;
  load: number | undefined;
  state: WorkingState;
  /** The last heartbeat: the agent does not remember those of another link. */
  beat: { readonly state: WorkingState; readonly note: string } | undefined;
  /** Its first registration has been answered; while it has not, `AgentRequests` is what asks again. */
  isRegistered: boolean;
}

interface WorkInHand {
  isAnswered: boolean;
  /** Tells its provider that the caller gave up. */
  giveUp: (() => void) | undefined;
}

const nothing = { params: {}, bodyKind: 'none', body: new Uint8Array(0) } as const;

/** What of an instance its agent is told. */
const reports = {
  load: ({ service, load }: Served): ProgramRequest => ({ op: 'set-load', service, load: load ?? 0 }),
  state: ({ service, state }: Served): ProgramRequest => ({ op: 'set-state', service, state }),
  beat: ({ service, beat }: Served): ProgramRequest => ({ op: 'heartbeat', service, state: 'up', note: '', ...beat }),
};

/** What this program serves through its agent; registered anew whenever a link is. */
export class AgentServices {
  private readonly link: AgentLink;
  private readonly requests: AgentRequests;
  private readonly clock: Clock;
  private readonly log: Log;
  private readonly services = new Map<string, Served>();
  /** Messages in hand by the agent's correlation. */
  private inHand = new CorrelationTable<WorkInHand>();
  private readonly names = new NameCache();
  private readonly reader = new Reader(new Uint8Array(0), 0, 0, this.names);
  private readonly copies = new ByteCopies();
  private readonly writer = new Writer();
  private readonly delivered = new DeliveredBatch(
    (first, rest) => this.link.send({ kind: FrameKind.delivered, correlation: first }, rest, undefined),
    // The agent knows it.
    () => undefined,
  );
  /** The agent, by whose name its instances are known. */
  private here: readonly string[] = [''];
  private bare = new BareReplies('');
  /** Written over for each reply: the link has read it when `send` returns. */
  private readonly replyFrame = { kind: FrameKind.reply, correlation: 0 };

  constructor(link: AgentLink, requests: AgentRequests, tools: { readonly clock: Clock; readonly log: Log }) {
    this.link = link;
    this.requests = requests;
    this.clock = tools.clock;
    this.log = tools.log;
  }

  async provide(service: string, provider: Provider, options: ProvideOptions): Promise<Provision> {
    const served: Served = {
      service,
      provider,
      options,
      load: undefined,
      state: 'up',
      beat: undefined,
      isRegistered: false,
    };
    this.services.set(service, served);
    try {
      await this.requests.request(registerRequest(served));
      served.isRegistered = true;
    } catch (error) {
      this.services.delete(service);
      throw error;
    }
    return {
      service,
      setLoad: (load) => {
        served.load = load;
        this.tell(served, 'load');
      },
      setState: (state) => {
        served.state = state;
        this.tell(served, 'state');
      },
      heartbeat: (state, note) => {
        served.beat = { state, note };
        this.tell(served, 'beat');
      },
      withdraw: (graceMs) => this.withdraw(served, graceMs),
    };
  }

  onMessage(frame: ReceivedFrame): void {
    const { correlation, flags, deadlineMs } = frame;
    const head = new ReceivedHead(frame);
    const malformed = head.read(this.reader);
    if (malformed !== undefined) {
      this.reply(correlation, '', refused('protocol', `the message cannot be read: ${malformed}`));
      return;
    }
    const served = this.services.get(head.service);
    if (served === undefined) {
      this.reply(correlation, head.service, refused('no-instance', `this program does not serve ${head.service}`));
      return;
    }
    if (deadlineMs <= 0) {
      // It lay unread too long: what has expired is not executed [F10].
      const reason = `the deadline passed before ${head.service} read it`;
      this.reply(correlation, head.service, { ...refused('deadline', reason), outcome: 'expired' });
      return;
    }
    const delivery: Delivery = {
      head,
      body: head.keepBody(frame, this.copies, this.names),
      replyWanted: (flags & FrameFlag.replyWanted) !== 0,
      idempotent: (flags & FrameFlag.idempotent) !== 0,
      deadlineMs,
    };
    const { inHand } = this;
    const work: WorkInHand = { isAnswered: false, giveUp: undefined };
    work.giveUp = served.provider.deliver(delivery, (reply) => {
      if (work.isAnswered) return;
      work.isAnswered = true;
      if (work.giveUp !== undefined) inHand.delete(correlation);
      // The answer to a message of a link that is gone would be taken for another's.
      if (inHand === this.inHand) this.reply(correlation, head.service, reply);
    });
    if (!work.isAnswered) inHand.set(correlation, work);
  }

  onCancel(frame: ReceivedFrame): void {
    const work = this.inHand.get(frame.correlation);
    this.inHand.delete(frame.correlation);
    work?.giveUp?.();
  }

  /** The agent tells how many messages were refused while this program did not read. */
  onMissed({ bytes, start, end }: ReceivedFrame): void {
    const { service, count } = missedOf(decoder.decode(bytes.subarray(start, end)));
    if (count > 0) this.services.get(service)?.provider.missed?.(count);
  }

  providerOf(service: string): Provider | undefined {
    return this.services.get(service)?.provider;
  }

  onUp(): void {
    // With the agent's name in it, the agent need not write a reply anew [F12].
    const { agentName } = this.link;
    this.here = [agentName];
    this.bare = new BareReplies(agentName);
    for (const served of this.services.values()) {
      if (!served.isRegistered) continue;
      this.requests.request(registerRequest(served)).then(
        () => {
          served.provider.missed?.(undefined);
          if (served.load !== undefined) this.tell(served, 'load');
          if (served.state !== 'up') this.tell(served, 'state');
          if (served.beat !== undefined && served.beat.state !== 'up') this.tell(served, 'beat');
        },
        (error: unknown) =>
          this.log.warn('a service could not be registered again', { service: served.service, error }),
      );
    }
  }

  onDown(): void {
    const { inHand } = this;
    this.inHand = new CorrelationTable();
    for (const { giveUp } of inHand.inOrder()) giveUp?.();
  }

  /** Withdraws all. */
  async close(graceMs: number): Promise<void> {
    await Promise.all([...this.services.values()].map((served) => this.withdraw(served, graceMs)));
  }

  private withdraw(served: Served, graceMs: number): Promise<void> {
    const { service } = served;
    if (this.services.get(service) !== served) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        timer.cancel();
        if (this.services.get(service) === served) this.services.delete(service);
        resolve();
      };
      const timer = this.clock.schedule(graceMs, end);
      // Without a link there is nothing to withdraw from: the agent forgot this program with its link.
      if (!this.link.isUp) end();
      else this.requests.request({ op: 'withdraw', service }).then(end, end);
    });
  }

  private tell(served: Served, what: keyof typeof reports): void {
    const { service } = served;
    if (!this.link.isUp || this.services.get(service) !== served) return;
    this.requests
      .request(reports[what](served))
      .catch((error: unknown) => this.log.warn('the agent did not take a report', { service, what, error }));
  }

  private reply(correlation: number, service: string, reply: DeliveryReply): void {
    if (reply === bareDelivered) {
      this.delivered.add(correlation, service, this.here);
      return;
    }
    const load = this.services.get(service)?.load;
    const bare = this.bare.find(reply, service, load);
    if (bare !== undefined) return this.sendReply(correlation, bare, reply.body);
    const { outcome, code, reason, params, bodyKind, body } = reply;
    try {
      this.writer.reset();
      const node = this.link.agentName;
      writeReplyHead(this.writer, { outcome, code, bodyKind, load, service, node, reason, params });
    } catch (error) {
      const failure = FogataError.from(error);
      this.reply(correlation, service, refused('failed', `the reply cannot be sent: ${failure.message}`));
      return;
    }
    this.sendReply(correlation, this.writer.view(), body);
  }

  private sendReply(correlation: number, head: Uint8Array, body: Uint8Array): void {
    this.replyFrame.correlation = correlation;
    this.link.send(this.replyFrame, head, body.length === 0 ? undefined : body);
  }
}

function refused(code: 'protocol' | 'no-instance' | 'failed' | 'deadline', reason: string): DeliveryReply {
  return { outcome: 'refused', code, reason, ...nothing };
}

const decoder = new TextDecoder();

function missedOf(text: string): { readonly service: string; readonly count: number } {
  try {
    const { type, service, count } = JSON.parse(text) as Record<string, unknown>;
    if (type === 'missed' && typeof service === 'string' && typeof count === 'number') return { service, count };
  } catch {
    // The agent and this library are of one version of the contract; what else comes is not of it.
  }
  return { service: '', count: 0 };
}

function registerRequest({ service, options }: Served) {
  const { weight, labels, inFlightMax, heartbeatWithinMs, endpoint: where, kinds } = options;
  const { messages, streams } = kinds;
  const endpoint = where === undefined ? undefined : formatSocketAddress(where);
  const facts = { service, weight, labels, inFlightMax, heartbeatWithinMs, endpoint };
  return { op: 'register', ...facts, kinds: { messages, streams } } as const;
}
