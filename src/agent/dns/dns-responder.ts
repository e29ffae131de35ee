import { createRateLimit } from '../../discovery/rate-limit.ts';
import { Writer } from '../../protocol/writer.ts';
import type { Clock } from '../../runtime/clock.ts';
import { answersPerSecond, streamBytesMax } from './dns-limits.ts';
import { readQuery } from './read-query.ts';
import { datagramBytesFor, refusal, writeAnswer } from './write-answer.ts';
import { type Zone, zoneAnswer } from './zone-answer.ts';

/** Bytes in, bytes out. */
export interface DnsResponder {
  /** The answer, good until the next call; undefined where there is to be none. */
  toDatagram(bytes: Uint8Array): Uint8Array | undefined;
  /** The same with its length before it. */
  toStream(bytes: Uint8Array): Uint8Array | undefined;
}

/** Answers at once and from memory: nothing is waited for. */
export function createDnsResponder(zone: Zone, clock: Clock): DnsResponder {
  const writer = new Writer(2_048, 2 * streamBytesMax);
  const rate = createRateLimit(answersPerSecond);

  function answer(bytes: Uint8Array, isStream: boolean): boolean {
    const query = readQuery(bytes);
    if (query.kind === 'ignored' || !rate.take(clock.now())) return false;
    const { head, edns } = query;
    const bytesMax = isStream ? streamBytesMax : datagramBytesFor(edns);
    if (query.kind === 'refused') {
      writeAnswer(writer, { head, question: query.question, edns, answer: refusal(query.code) }, bytesMax);
    } else {
      const { question } = query;
      writeAnswer(writer, { head, question: question.bytes, edns, answer: zoneAnswer(question, zone) }, bytesMax);
    }
    return true;
  }

  return {
    toDatagram(bytes) {
      writer.reset();
      return answer(bytes, false) ? writer.view() : undefined;
    },
    toStream(bytes) {
      writer.reset();
      writer.u16(0);
      if (!answer(bytes, true)) return undefined;
      writer.setU16(0, writer.length - 2);
      return writer.view();
    },
  };
}
