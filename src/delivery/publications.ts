import { FrameKind } from '../protocol/frame.ts';
import type { NodeId } from '../protocol/ids.ts';
import { setMessageAttempt } from '../protocol/message-head.ts';
import type { Clock } from '../runtime/clock.ts';
import type { CarryResult, FramesCarrier } from './carrier.ts';
import type { Chosen } from './chooser.ts';
import { CorrelationTable } from './correlation-table.ts';
import type { Exchange, Settle } from './exchange.ts';
import { Part, Publication, type PublishedRequest } from './publication.ts';
import { bytesMaxOf, PublishRun, runBytesMax, setFields } from './publish-run.ts';
import { reusedHeader } from './reused-header.ts';

export interface PublicationsOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly self: NodeId;
  readonly carrier: FramesCarrier;
  /** Where something is special about it at one instance, an exchange of its own goes on from there. */
  readonly pending: CorrelationTable<Exchange>;
  /** It could not be sent there. */
  readonly notSent: (exchange: Exchange, result: 'busy' | 'unreachable') => void;
}

/**
 * What is published and not settled: one entry for all instances that get it, and one copy of its frame for each link, side by
 * side with those of the same turn. This is the way of those that are delivered; whatever else becomes of one at an instance is
 * the matter of an exchange.
 */
export class Publications {
  /** Those that are not settled, each counted as often as it is for somebody. */
  inFlight = 0;
  /** Even ones; exchanges have the odd ones. */
  private readonly table = new CorrelationTable<Publication>(2);
  private readonly options: PublicationsOptions;
  private readonly run: PublishRun;
  private readonly fields = reusedHeader(FrameKind.message);
  private isScheduled = false;
  // Many replies of one peer follow each other, to what went to the same instances.
  private lastPeer: NodeId | undefined = undefined;
  private lastTargets: readonly Chosen[] = [];
  private lastPlace = -1;
  private readonly onTurnEnd = (): void => {
    this.isScheduled = false;
    this.flush();
  };

  constructor(options: PublicationsOptions) {
    this.options = options;
    this.run = new PublishRun(options.self);
    this.fields.from = options.self;
  }

  /** It goes out at the end of the turn, or before anything else does. */
  begin(request: PublishedRequest, targets: readonly Chosen[], settle: Settle, now: number): Publication {
    const publication = new Publication(request, targets, settle, { correlation: this.table.next(), now });
    this.table.set(publication.correlation, publication);
    this.inFlight += targets.length;
    const { rest, bodyApart } = request.encoded;
    if (bodyApart !== undefined || bytesMaxOf(rest.length) > runBytesMax) {
      this.flush();
      this.send([publication], now, undefined);
      return publication;
    }
    if (!this.run.add(publication)) {
      this.flush();
      this.run.add(publication);
    }
    if (this.isScheduled) return publication;
    this.isScheduled = true;
    queueMicrotask(this.onTurnEnd);
    return publication;
  }

  /** What waits for the end of the turn goes now: nothing overtakes it. */
  flush(): void {
    if (this.run.publications.length === 0) return;
    const frames = this.run.frames();
    this.send(this.run.take(), this.options.clock.now(), frames);
  }

  /** What is under way by that correlation to the instance on `peer`. */
  find(peer: NodeId, correlation: number): Publication | undefined {
    const publication = this.table.get(correlation);
    if (publication === undefined) return undefined;
    const part = publication.parts[this.placeOf(peer, publication)];
    return part === undefined || part === Part.settled ? undefined : publication;
  }

  /** One that `find` has found: all that was said of it is that the instance on `peer` has it. */
  delivered(publication: Publication, peer: NodeId, now: number): void {
    const place = this.placeOf(peer, publication);
    const target = publication.targets[place] as Chosen;
    this.settlePart(publication, place);
    target.track.end(now, now - publication.sentAt, 'answered');
    publication.request.encoded.delivered(target.name, target);
  }

  /** The exchange with the instance on `peer`, where that is not settled. */
  takeOut(peer: NodeId, correlation: number): Exchange | undefined {
    const publication = this.find(peer, correlation);
    return publication === undefined ? undefined : this.goOn(publication, this.placeOf(peer, publication));
  }

  /** Those with all instances that are not settled. */
  takeOutOf(publication: Publication): Exchange[] {
    this.flush();
    const exchanges: Exchange[] = [];
    publication.parts.forEach((part, place) => {
      if (part !== Part.settled) exchanges.push(this.goOn(publication, place));
    });
    return exchanges;
  }

  /** Of all publications those with the instance on `peer`. */
  takeOutAt(peer: NodeId): void {
    this.flush();
    for (const publication of this.table.inOrder()) this.takeOut(peer, publication.correlation);
  }

  takeOutAll(): void {
    this.flush();
    for (const publication of this.table.inOrder()) this.takeOutOf(publication);
  }

  /** What waited for a link to `peer` has been written. */
  onPeerUp(peer: NodeId): void {
    this.flush();
    for (const { targets, parts } of this.table.values()) {
      const place = targets.findIndex(({ node }) => node === peer);
      if (parts[place] === Part.waiting) parts[place] = Part.written;
    }
  }

  /** Tells what is due, and returns the earliest deadline of the others and of what is not published. */
  look(now: number, due: (exchange: Exchange) => void, othersAt: number): number {
    let nextAt = othersAt;
    for (const publication of this.table.values()) {
      if (publication.deadlineAt <= now) for (const exchange of this.takeOutOf(publication)) due(exchange);
      else if (publication.deadlineAt < nextAt) nextAt = publication.deadlineAt;
    }
    return nextAt;
  }

  /** `frames`: of all of them; undefined: each goes by itself. */
  private send(publications: readonly Publication[], now: number, frames: Uint8Array | undefined): void {
    const { carrier, notSent } = this.options;
    const failed: { publication: Publication; place: number; result: 'busy' | 'unreachable' }[] = [];
    for (const publication of publications) publication.sentAt = now;
    publications[0]?.targets.forEach(({ node, track, budget }, place) => {
      track.begin(now, publications.length);
      budget.note(now, publications.length);
      const together = frames === undefined ? undefined : carrier.sendFrames(node, frames, now);
      for (const publication of publications) {
        const result = together ?? this.sendOne(publication, node, now);
        if (result === 'busy' || result === 'unreachable') failed.push({ publication, place, result });
        else if (result !== 'held' && publication.parts[place] === Part.waiting)
          publication.parts[place] = Part.written;
      }
    });
    // Whoever hears of it may publish more: by now all of this is on its way.
    for (const { publication, place, result } of failed) {
      if (publication.parts[place] !== Part.settled) notSent(this.goOn(publication, place), result);
    }
  }

  private sendOne(publication: Publication, node: NodeId, now: number): CarryResult {
    const { fields } = this;
    const { rest, bodyApart } = publication.request.encoded;
    setFields(fields, publication, Math.max(0, publication.deadlineAt - now));
    fields.to = node;
    setMessageAttempt(rest, 0, 0);
    return this.options.carrier.send(node, fields, rest, bodyApart);
  }

  private placeOf(peer: NodeId, publication: Publication): number {
    if (peer !== this.lastPeer || publication.targets !== this.lastTargets) {
      this.lastPeer = peer;
      this.lastTargets = publication.targets;
      this.lastPlace = publication.placeOf(peer);
    }
    return this.lastPlace;
  }

  private goOn(publication: Publication, place: number): Exchange {
    const { pending } = this.options;
    const exchange = publication.exchangeAt(place, pending.next());
    this.settlePart(publication, place);
    pending.set(exchange.correlation, exchange);
    return exchange;
  }

  private settlePart(publication: Publication, place: number): void {
    publication.parts[place] = Part.settled;
    publication.left -= 1;
    this.inFlight -= 1;
    if (publication.left === 0) this.table.delete(publication.correlation);
  }
}
