import { mdnsPort } from '../protocol/limits.ts';
import { formatSocketAddress, type SocketAddress } from '../protocol/socket-address.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import type { MdnsInstanceStatus } from './discovery-status.ts';
import { encodeMdns } from './encode-mdns.ts';
import { growingPause } from './growing-pause.ts';
import { createMdnsAsked, type MdnsLink } from './mdns-asked.ts';
import { clusterOf, createMdnsInstances, isFresh, type MdnsInstance, missingOf, placesOf } from './mdns-instances.ts';
import type { MdnsMessage, MdnsQuestion, MdnsRecord } from './mdns-packet.ts';
import { mdnsService } from './mdns-records.ts';
import { createRateLimit } from './rate-limit.ts';

/** The first pause between two questions, doubled each time (RFC 6762, 5.2), and the longest. */
const firstPauseMs = 1_000;
const longestPauseMs = 60_000;

/** Questions of those who would ask at the same time are spread over this (5.2). */
const spreadMs = 100;

/** Who has found others by then is in no hurry to ask, and waits up to so much longer. */
const calmPauseMs = 3_000;

/** How often those found are looked through while all of them are reached. */
const lookThroughMs = 10_000;

/** Known answers that go with a question: with them it still fits a datagram. */
const knownAnswersMax = 12;

/** Questions of one message, and messages per second, about what others have left out. */
const questionsMax = 10;
const followUpsPerSecond = 5;

/** Addresses per second that mDNS can make this node look at: anybody on the link may say anything. */
const addressesPerSecond = 20;

/** Instances per second that are looked through because something was heard of them: one record may concern all there are. */
const reviewsPerSecond = 512;

/** Addresses of which is kept when they were last looked at. */
const attemptsMax = 1_024;

const question: MdnsQuestion = { name: mdnsService, type: 'PTR', unicast: false };

/** Looks for nodes by mDNS. */
export interface MdnsBrowser {
  /** Asks now, and again with growing pauses while the node seeks. */
  lookNow(): void;
  hear(message: MdnsMessage, from: MdnsSender): void;
  /** To be called about once a second: looks again at those that did not answer. */
  tick(): void;
  found(): readonly MdnsInstanceStatus[];
  stop(): void;
}

/** Where a message came from. */
export interface MdnsSender {
  readonly link: MdnsLink;
  readonly port: number;
  /** It is of this host, and may be this node itself. */
  readonly isHere: boolean;
}

export interface MdnsBrowserOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Of this cluster, in hexadecimal digits. */
  readonly tag: string;
  readonly isSeeking: () => boolean;
  /** The name of this node's own instance. */
  readonly ownInstance: () => string;
  /** Its own pointer once it is announced, so that it need not answer itself. */
  readonly ownPointer: () => MdnsRecord | undefined;
  readonly isReached: (where: SocketAddress) => boolean;
  readonly send: (message: Uint8Array, isWanted: (link: MdnsLink) => boolean) => void;
  readonly onAddress: (where: SocketAddress, interfaceName: string, instance: string) => void;
}

/** Looks at one address so far. */
interface Attempts {
  count: number;
  nextAt: number;
}

export function createMdnsBrowser(options: MdnsBrowserOptions): MdnsBrowser {
  const { clock, random, tag } = options;
  const instances = createMdnsInstances();
  const asked = createMdnsAsked();
  const attempts = new Map<string, Attempts>();
  const followUps = createRateLimit(followUpsPerSecond);
  const looks = createRateLimit(addressesPerSecond);
  const reviews = createRateLimit(reviewsPerSecond);
  let timer: Timer | undefined;
  let lookThroughAt = Number.NEGATIVE_INFINITY;
  let stopped = false;

  function ask(pauseMs: number): void {
    const own = options.ownPointer();
    const answers = own === undefined ? knownAnswers() : [own, ...knownAnswers()];
    options.send(encodeMdns({ questions: [question], answers }), asked.takeTurn);
    // Those for whom one has asked do not all ask together the next time.
    timer = clock.schedule(pauseMs + spreadMs * random.next(), () => {
      if (options.isSeeking()) ask(Math.min(longestPauseMs, pauseMs * 2));
    });
  }

  /** Pointers that are good for more than half their time yet (7.1), the latest first. */
  function knownAnswers(): readonly MdnsRecord[] {
    const now = clock.now();
    const known = new Map<string, MdnsRecord>();
    for (const instance of instances.all(now).toReversed()) {
      const { name, endsAt } = instance;
      if (!isFresh(instance, now) || name === options.ownInstance()) continue;
      const leftS = Math.floor((endsAt - now) / 1_000);
      known.set(name, { name: mdnsService, type: 'PTR', target: name, ttlS: leftS, flush: false });
      if (known.size === knownAnswersMax) break;
    }
    return [...known.values()];
  }

  /** Whether all hear by this query what this node would ask for itself (7.3). */
  function asksForAll(query: MdnsMessage, { link, port }: MdnsSender): boolean {
    if (port !== mdnsPort || query.isTruncated) return false;
    const { name, type } = question;
    if (!query.questions.some((one) => one.name === name && one.type === type && !one.unicast)) return false;
    const now = clock.now();
    return query.answers.every((record) => record.type === 'PTR' && instances.isFresh(record.target, link, now));
  }

  function lookAt(instance: MdnsInstance): void {
    if (stopped || instance.name === options.ownInstance() || clusterOf(instance, tag) === 'other') return;
    const now = clock.now();
    const places = placesOf(instance);
    // It is one node: reached at one of its addresses, it needs no other.
    if (places.some((where) => options.isReached(where))) {
      if (attempts.size > 0) for (const where of places) attempts.delete(formatSocketAddress(where));
      return;
    }
    for (const where of places) {
      const key = formatSocketAddress(where);
      const made = attempts.get(key) ?? { count: 0, nextAt: now };
      if (made.nextAt > now || !looks.take(now)) continue;
      made.count += 1;
      made.nextAt = now + growingPause(made.count);
      attempts.delete(key);
      attempts.set(key, made);
      forgetOldest();
      options.onAddress(where, instance.interface, labelOf(instance));
    }
  }

  function forgetOldest(): void {
    const [oldest] = attempts.keys();
    if (attempts.size > attemptsMax && oldest !== undefined) attempts.delete(oldest);
  }

  function askForMissing(touched: readonly MdnsInstance[], interfaceName: string): void {
    const questions: MdnsQuestion[] = touched.flatMap(missingOf).slice(0, questionsMax);
    if (questions.length > 0 && followUps.take(clock.now()))
      options.send(encodeMdns({ questions }), (link) => link.interface === interfaceName);
  }

  return {
    lookNow() {
      timer?.cancel();
      if (stopped) return;
      asked.begin();
      // Those who start together do not ask together (5.2).
      timer = clock.schedule(20 + spreadMs * random.next(), () => {
        if (options.isSeeking()) ask(firstPauseMs);
        else timer = clock.schedule(calmPauseMs * random.next(), () => ask(firstPauseMs));
      });
    },
    hear(message, from) {
      if (!message.isResponse) {
        if (asksForAll(message, from)) asked.hear(from.link, from.isHere ? 'here' : 'elsewhere');
        return;
      }
      const { interface: interfaceName } = from.link;
      const touched = instances.take(message, interfaceName, clock.now());
      const others = touched.filter((instance) => instance.name !== options.ownInstance());
      askForMissing(others, interfaceName);
      // What there is no time for now, the next tick looks through.
      for (const instance of others) if (reviews.take(clock.now())) lookAt(instance);
    },
    tick() {
      const now = clock.now();
      // With nobody to be tried again, those found are looked through now and then: one may have gone that was there.
      if (attempts.size === 0 && !options.isSeeking() && now < lookThroughAt) return;
      lookThroughAt = now + lookThroughMs;
      for (const instance of instances.all(now)) lookAt(instance);
    },
    found() {
      const others = instances.all(clock.now()).filter((instance) => instance.name !== options.ownInstance());
      return others.map((instance) => ({
        instance: labelOf(instance),
        interface: instance.interface,
        addresses: placesOf(instance).map(formatSocketAddress),
        cluster: clusterOf(instance, tag),
      }));
    },
    stop() {
      stopped = true;
      timer?.cancel();
    },
  };
}

function labelOf({ name }: MdnsInstance): string {
  return name.slice(0, -mdnsService.length - 1);
}
