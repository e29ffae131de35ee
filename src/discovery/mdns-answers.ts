import { type MdnsMessage, type MdnsQuestion, type MdnsRecord, recordKey } from './mdns-packet.ts';

/** RFC 6762, 6.7: no one-shot asker keeps a record longer. */
const legacyTtlS = 10;

/** The records of `own` that answer a query, without those the asker has for at least half their time yet (7.1). */
export function answersTo(own: readonly MdnsRecord[], query: MdnsMessage): readonly MdnsRecord[] {
  const asked = own.filter((record) => query.questions.some((question) => isAnswer(record, question)));
  return withoutKnown(asked, ttlsOf(query.answers));
}

/** For how many seconds each of some records is said to hold, by what it says. */
export type Ttls = ReadonlyMap<string, number>;

export function ttlsOf(records: readonly MdnsRecord[]): Ttls {
  return new Map(records.map((record) => [recordKey(record), record.ttlS]));
}

/** Leaves out what is known already, and not about to be forgotten. */
export function withoutKnown(records: readonly MdnsRecord[], known: Ttls): readonly MdnsRecord[] {
  if (known.size === 0) return records;
  return records.filter((record) => (known.get(recordKey(record)) ?? -1) < record.ttlS / 2);
}

/** Leaves out what somebody has said to all, to hold as long at least (RFC 6762, 7.4). */
export function withoutSaid(records: readonly MdnsRecord[], said: Ttls): readonly MdnsRecord[] {
  if (said.size === 0) return records;
  return records.filter((record) => (said.get(recordKey(record)) ?? -1) < record.ttlS);
}

/** What whoever got the answers will ask for next (RFC 6763, 12): of an instance its place, of a host its addresses. */
export function additionalsTo(own: readonly MdnsRecord[], answers: readonly MdnsRecord[]): readonly MdnsRecord[] {
  const added = new Set<MdnsRecord>();
  const said = new Set(answers.map(recordKey));
  const follow = (from: Iterable<MdnsRecord>): void => {
    for (const record of from) {
      if (record.type !== 'PTR' && record.type !== 'SRV') continue;
      for (const next of own) if (next.name === record.target && !said.has(recordKey(next))) added.add(next);
    }
  };
  follow(answers);
  follow([...added]);
  // An enumeration answers with a type of service, and no more.
  return [...added].filter((record) => record.type !== 'PTR');
}

/** Whether this answers someone who listens only for this answer, on a port of his own (6.7). */
export function legacyAnswer(query: MdnsMessage, own: readonly MdnsRecord[]): Partial<MdnsMessage> | undefined {
  const answers = answersTo(own, query);
  if (answers.length === 0) return undefined;
  const plain = (record: MdnsRecord): MdnsRecord => {
    return { ...record, ttlS: Math.min(record.ttlS, legacyTtlS), flush: false };
  };
  const additionals = additionalsTo(own, answers).map(plain);
  return { id: query.id, isResponse: true, questions: query.questions, answers: answers.map(plain), additionals };
}

function isAnswer(record: MdnsRecord, { name, type }: MdnsQuestion): boolean {
  return record.name === name && (type === 'ANY' || type === record.type);
}
