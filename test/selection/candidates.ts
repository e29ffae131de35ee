import type { NodeId } from '../../src/protocol/ids.ts';
import type { Candidate } from '../../src/selection/candidate.ts';
import type { Circumstances } from '../../src/selection/draw.ts';
import { type Field, fieldOf } from '../../src/selection/field.ts';
import { InstanceTrack } from '../../src/selection/instance-track.ts';
import { hashOf } from '../../src/selection/rendezvous.ts';
import { ServiceFigures } from '../../src/selection/service-figures.ts';
import { createVirtualRandom } from '../../src/testing/virtual-random.ts';

/** What may differ from a healthy remote instance of weight 100 that has never been used. */
export interface CandidateFields extends Partial<Pick<Candidate, 'sameHost' | 'rttMs' | 'state' | 'isShaky'>> {
  readonly service?: 'up' | 'down' | 'draining' | 'warning';
  readonly weight?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly load?: number;
  readonly inFlight?: number;
  /** It has answered so often, and took so long each time, ending at 0. */
  readonly latencyMs?: number;
  readonly firstSeenAt?: number;
}

export function candidateOf(n: number, figures: ServiceFigures, fields: CandidateFields = {}): Candidate {
  const track = new InstanceTrack(figures);
  const { latencyMs, load, inFlight = 0, firstSeenAt } = fields;
  if (latencyMs !== undefined) {
    for (let answer = 0; answer < 40; answer++) {
      track.begin(-latencyMs);
      track.end(0, latencyMs, 'answered');
    }
  }
  if (load !== undefined) track.noteLoad(0, load);
  for (let begun = 0; begun < inFlight; begun++) track.begin(0);
  if (firstSeenAt !== undefined) track.firstSeenAt = firstSeenAt;
  const name = `n${n}`;
  return {
    node: n.toString(16).padStart(16, '0') as NodeId,
    name,
    hash: hashOf(name),
    sameHost: fields.sameHost ?? false,
    rttMs: fields.rttMs,
    state: fields.state ?? 'alive',
    isShaky: fields.isShaky ?? false,
    entry: {
      name: 'crm',
      state: fields.service ?? 'up',
      kinds: { messages: true, http: true, streams: true },
      weight: fields.weight ?? 100,
      labels: fields.labels ?? {},
      endpoint: undefined,
    },
    track,
    budget: figures.budget,
  };
}

/** Candidates n1, n2, … of one service. */
export function fieldWith(...fields: readonly CandidateFields[]): Field {
  const figures = new ServiceFigures();
  return fieldOf(
    fields.map((each, at) => candidateOf(at + 1, figures, each)),
    figures,
  );
}

export function aboutWith(seed: string, now = 0, avoid: readonly Candidate[] = []): Circumstances {
  const { next } = createVirtualRandom(seed);
  return { now, random: next, avoid: new Set(avoid.map(({ node }) => node)), seen: undefined };
}

/** Share of so many choices that fell on each. */
export function sharesOf(field: Field, choose: () => Candidate | undefined, draws = 10_000): number[] {
  const counts = field.all.map(() => 0);
  for (let draw = 0; draw < draws; draw++) {
    const at = field.all.indexOf(choose() as Candidate);
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts.map((count) => count / draws);
}
