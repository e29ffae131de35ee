import { mdnsPort } from '../protocol/limits.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import { encodeMdns } from './encode-mdns.ts';
import { additionalsTo, answersTo, legacyAnswer, ttlsOf, withoutKnown, withoutSaid } from './mdns-answers.ts';
import { type MdnsMessage, type MdnsRecord, recordKey } from './mdns-packet.ts';
import { createRateLimit } from './rate-limit.ts';

/** Probes before a name is used (RFC 6762, 8.1), and the time between them and after the last. */
const probesMax = 3;
const probePauseMs = 250;

/** Who has found others already waits up to so much longer: whoever needs to know of it asks. */
const calmPauseMs = 3_000;

/** Between the two announcements (8.3). */
const announcePauseMs = 1_000;

/** No record is said more often on one link; in defence of a name it may be four times as often (6). */
const repeatMs = 1_000;
const defenceMs = 250;

/** Speaks for this node's names on one interface, in one family. */
export interface MdnsResponder {
  /** The names are this node's, and said. */
  readonly isAnnounced: boolean;
  /** Asks whether the names are free, then says them. To be called again when the records have changed. */
  begin(): void;
  hear(message: MdnsMessage, from: SocketAddress): void;
  /** Takes back what was said (10.1). */
  goodbye(): void;
  stop(): void;
}

export interface MdnsResponderOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** What there is to say now. */
  readonly records: () => readonly MdnsRecord[];
  /** To the group, or to one. */
  readonly send: (message: Uint8Array, to?: SocketAddress) => void;
  /** This node has found nobody yet. */
  readonly isUrgent: () => boolean;
  /** Somebody else has the name. The responder is silent until `begin`. */
  readonly onConflict: () => void;
}

/** An answer that is held back, so that those of many do not collide, and known answers may still come (6, 7.2). */
interface Pending {
  records: readonly MdnsRecord[];
  readonly asker: SocketAddress;
  readonly timer: Timer;
}

/** Answers to one alone, per second: they are larger than the question, and the asker's address may be a victim's. */
const unicastsPerSecond = 20;

/** Askers whose answers are held back at a time. */
const pendingsMax = 64;

export function createMdnsResponder(options: MdnsResponderOptions): MdnsResponder {
  const { clock, random } = options;
  const unicasts = createRateLimit(unicastsPerSecond);
  const saidAt = new Map<string, number>();
  const pendings = new Set<Pending>();
  let timer: Timer | undefined;
  /** The names are ours: only then is anything answered. */
  let owned = false;

  function say(records: readonly MdnsRecord[], withinMs: number, to?: SocketAddress): void {
    const now = clock.now();
    const isDue = (record: MdnsRecord) => now - (saidAt.get(recordKey(record)) ?? Number.NEGATIVE_INFINITY) >= withinMs;
    const answers = to === undefined ? records.filter(isDue) : records;
    if (answers.length === 0 || (to !== undefined && !unicasts.take(clock.now()))) return;
    const additionals = additionalsTo(options.records(), answers);
    if (to === undefined) for (const record of [...answers, ...additionals]) saidAt.set(recordKey(record), now);
    options.send(encodeMdns({ isResponse: true, answers, additionals }), to);
  }

  function probe(count: number): void {
    if (count === probesMax) {
      owned = true;
      announce(1);
      return;
    }
    const authorities = unique(options.records()).map((record) => ({ ...record, flush: false }));
    const names = [...new Set(authorities.map((record) => record.name))];
    const questions = names.map((name) => ({ name, type: 'ANY', unicast: false }));
    options.send(encodeMdns({ questions, authorities }));
    timer = clock.schedule(probePauseMs, () => probe(count + 1));
  }

  function announce(times: number): void {
    say(options.records(), 0);
    if (times > 0) timer = clock.schedule(announcePauseMs, () => announce(times - 1));
  }

  function hold(records: readonly MdnsRecord[], asker: SocketAddress, delayMs: number): void {
    if (pendings.size >= pendingsMax) return;
    const pending: Pending = {
      records,
      asker,
      timer: clock.schedule(delayMs, () => {
        pendings.delete(pending);
        say(pending.records, repeatMs);
      }),
    };
    pendings.add(pending);
  }

  function hearQuery(query: MdnsMessage, from: SocketAddress): void {
    const own = options.records();
    if (from.port !== mdnsPort) {
      const answer = legacyAnswer(query, own);
      if (answer !== undefined && unicasts.take(clock.now())) options.send(encodeMdns(answer), from);
      return;
    }
    const known = ttlsOf(query.answers);
    for (const pending of pendings) {
      if (pending.asker.address === from.address) pending.records = withoutKnown(pending.records, known);
    }
    const answers = answersTo(own, query);
    if (answers.length === 0) return;
    if (query.authorities.length > 0) say(answers, defenceMs);
    else if (query.isTruncated) hold(answers, from, 400 + 100 * random.next());
    else if (isUnicastWanted(query, answers)) say(answers, 0, from);
    else if (answers.some((record) => !record.flush)) hold(answers, from, 20 + 100 * random.next());
    else say(answers, repeatMs);
  }

  /** It is given alone only what all others have heard not long ago (5.4). */
  function isUnicastWanted(query: MdnsMessage, answers: readonly MdnsRecord[]): boolean {
    if (!query.questions.every((question) => question.unicast)) return false;
    const now = clock.now();
    return answers.every((one) => now - (saidAt.get(recordKey(one)) ?? Number.NEGATIVE_INFINITY) < one.ttlS * 250);
  }

  /**
   * Only the place of an instance is looked at: the addresses of a host differ from interface to interface, and its name is
   * as much its own as the instance's.
   */
  function isConflict(message: MdnsMessage): boolean {
    const place = options.records().find((record) => record.type === 'SRV');
    if (place === undefined) return false;
    return [...message.answers, ...message.additionals].some((said) => {
      return said.type === 'SRV' && said.name === place.name && said.ttlS > 0 && recordKey(said) !== recordKey(place);
    });
  }

  function silence(): void {
    owned = false;
    timer?.cancel();
    timer = undefined;
    for (const pending of pendings) pending.timer.cancel();
    pendings.clear();
  }

  /** What another has said need not be said again, if it holds as long (7.4): of ours, only what is not ours alone. */
  function leaveOut(message: MdnsMessage): void {
    const said = ttlsOf(message.answers);
    for (const pending of pendings) pending.records = withoutSaid(pending.records, said);
  }

  return {
    get isAnnounced() {
      return owned;
    },
    begin() {
      silence();
      saidAt.clear();
      const pauseMs = random.next() * probePauseMs;
      timer = clock.schedule(pauseMs, () => {
        if (options.isUrgent()) probe(0);
        else timer = clock.schedule(calmPauseMs * random.next(), () => probe(0));
      });
    },
    hear(message, from) {
      if (message.isResponse) {
        leaveOut(message);
        if (!isConflict(message)) return;
        silence();
        options.onConflict();
      } else if (owned) hearQuery(message, from);
    },
    goodbye() {
      if (!owned) return;
      const answers = options.records().map((record) => ({ ...record, ttlS: 0 }));
      // That there are such services is not ours alone to take back.
      options.send(encodeMdns({ isResponse: true, answers: answers.filter((record) => !isEnumeration(record)) }));
    },
    stop: silence,
  };
}

function unique(records: readonly MdnsRecord[]): readonly MdnsRecord[] {
  return records.filter((record) => record.flush);
}

function isEnumeration(record: MdnsRecord): boolean {
  return record.name.startsWith('_services.');
}
