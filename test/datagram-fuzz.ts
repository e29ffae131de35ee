import { clusterTag } from '../src/protocol/cluster-tag.ts';
import { decodeDatagram, encodeDatagram, envelopeBytes, nonceBytes } from '../src/protocol/datagram.ts';
import { type NodeId, nodeIdFrom } from '../src/protocol/ids.ts';
import { decodePayload } from '../src/protocol/payload.ts';
import { memoryStorage } from '../src/runtime/memory-storage.ts';
import type { Random } from '../src/runtime/random.ts';
import { createHeardKeys } from '../src/trust/heard-keys.ts';
import { createKeyRing } from '../src/trust/key-ring.ts';
import { newRing } from '../src/trust/ring-state.ts';
import { createSealedEnvelope } from '../src/trust/sealed-envelope.ts';
import { datagrams } from './interop/protocol-samples.ts';

/** What became of mutated datagrams. */
export interface FuzzReport {
  /** By the decoder of a cluster without a key: what it took, and what of that its payload decoder took. */
  readonly open: { readonly tried: number; accepted: number; understood: number };
  /** By that of a cluster with one. `forged` were accepted and never sealed: there must be none. */
  readonly sealed: { readonly tried: number; forged: number; readonly reasons: Record<string, number> };
  /** Windows of the sealed decoder at the end: mutants must not make it keep anything. */
  windows: number;
}

const cluster = 'home';
const payloads = Object.values(datagrams).map((bytes) => bytes.subarray(envelopeBytes));

function createTarget(random: Random, self: NodeId, clock: { readonly ms: number }) {
  const ring = createKeyRing(newRing(cluster, new Uint8Array(32).fill(5), 0), memoryStorage());
  const virtual = { now: () => clock.ms, wallTime: () => 1.7e12 + clock.ms, schedule: () => ({ cancel() {} }) };
  const heardKeys = createHeardKeys(ring, random);
  return createSealedEnvelope({ ring, clock: virtual, random, self, startMs: 0, heardKeys });
}

/** One way to spoil a datagram. */
type Mutation = (bytes: Uint8Array, other: Uint8Array, random: Random) => Uint8Array;

const below = (random: Random, count: number) => Math.floor(random.next() * count);

const flip: Mutation = (bytes, _other, random) => {
  const mutant = bytes.slice();
  for (let left = 1 + below(random, 4); left > 0; left--) {
    const at = below(random, mutant.length);
    mutant[at] = (mutant[at] as number) ^ (1 << below(random, 8));
  }
  return mutant;
};
const cut: Mutation = (bytes, _other, random) => bytes.slice(0, below(random, bytes.length));
const grow: Mutation = (bytes, _other, random) => Uint8Array.from([...bytes, ...random.bytes(1 + below(random, 40))]);
const splice: Mutation = (bytes, other, random) => {
  const at = below(random, Math.min(bytes.length, other.length));
  return Uint8Array.from([...bytes.subarray(0, at), ...other.subarray(at)]);
};
/** Past the sieve: the header is right, the rest is noise. */
const noise: Mutation = (bytes, _other, random) => {
  const mutant = bytes.slice();
  mutant.set(random.bytes(mutant.length - envelopeBytes), envelopeBytes);
  return mutant;
};
/** Another epoch or counter over an authentic text. */
const redate: Mutation = (bytes, _other, random) => {
  const mutant = bytes.slice();
  if (mutant.length >= envelopeBytes + nonceBytes) mutant.set(random.bytes(nonceBytes), envelopeBytes);
  return mutant;
};
const recount: Mutation = (bytes, _other, random) => {
  const mutant = bytes.slice();
  if (mutant.length >= envelopeBytes + nonceBytes) mutant.set(random.bytes(3), envelopeBytes + nonceBytes - 3);
  return mutant;
};
const invent: Mutation = (_bytes, _other, random) => random.bytes(below(random, 2_100));
const mutations = [flip, flip, cut, grow, splice, noise, redate, recount, invent];

/** Sends `count` mutants to each decoder. Whatever throws is a fault of the code, and ends it. */
export function fuzzDatagrams(count: number, random: Random): FuzzReport {
  const clock = { ms: 0 };
  const sender = createTarget(random, nodeIdFrom(new Uint8Array(8).fill(1)), clock);
  const receiver = createTarget(random, nodeIdFrom(new Uint8Array(8).fill(2)), clock);
  const tag = clusterTag(cluster);
  const open = payloads.map((payload) => encodeDatagram(tag, payload));
  let sealed = payloads.map((payload) => sender.seal(payload));
  const report: FuzzReport = {
    open: { tried: count, accepted: 0, understood: 0 },
    sealed: { tried: count, forged: 0, reasons: {} },
    windows: 0,
  };
  const pick = (from: readonly Uint8Array[]) => from[below(random, from.length)] as Uint8Array;

  for (let i = 0; i < count; i++) {
    clock.ms += 0.01;
    if (i % 4_096 === 0) {
      sealed = payloads.map((payload) => sender.seal(payload));
      // Some were heard and some were not: both the known and the unknown sender are tried.
      if (i % 8_192 === 0) for (const bytes of sealed.slice(1)) receiver.open(bytes);
    }
    const mutate = mutations[below(random, mutations.length)] as Mutation;
    takeOpen(mutate(pick(open), pick(open), random), tag, report);
    takeSealed(mutate(pick(sealed), pick(sealed), random), sealed, receiver, report);
  }
  report.windows = receiver.windows;
  return report;
}

function takeOpen(mutant: Uint8Array, tag: Uint8Array, { open }: FuzzReport): void {
  const decoded = decodeDatagram(mutant, tag);
  if (!decoded.ok) return;
  open.accepted += 1;
  if (decodePayload(decoded.payload).ok) open.understood += 1;
}

function takeSealed(
  mutant: Uint8Array,
  sealed: readonly Uint8Array[],
  receiver: ReturnType<typeof createTarget>,
  report: FuzzReport,
): void {
  const opened = receiver.open(mutant, { address: '192.0.2.1', port: 7472 });
  const { reasons } = report.sealed;
  const reason = opened.ok ? 'accepted' : opened.reason;
  reasons[reason] = (reasons[reason] ?? 0) + 1;
  if (opened.ok && !sealed.some((bytes) => Buffer.compare(bytes, mutant) === 0)) report.sealed.forged += 1;
}
