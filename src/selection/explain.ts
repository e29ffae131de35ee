import type { Candidate } from './candidate.ts';
import { bestTier } from './choose-best.ts';
import { chooseBy } from './choose-by.ts';
import type { CandidateReport, Decision } from './decision.ts';
import type { Circumstances } from './draw.ts';
import type { Field } from './field.ts';
import { scoreTerms } from './score.ts';
import { shareOf } from './share.ts';
import type { Strategy } from './strategy.ts';
import { type Tier, tierOf, tiers } from './tier.ts';

/** Choices that are tried out to find the shares: right within some 2 %, and done in a millisecond or two. */
const trials = 1_000;

/** Best first: the order in which it would be liked to take them. */
export function ranked(candidates: readonly Candidate[], now: number): Candidate[] {
  const rows = candidates.map((candidate) => ({
    candidate,
    tier: tiers.indexOf(tierOf(candidate, now)),
    score: scoreTerms(candidate, now).score,
  }));
  rows.sort((a, b) => a.tier - b.tier || a.score - b.score);
  return rows.map(({ candidate }) => candidate);
}

function report(field: Field, about: Circumstances): CandidateReport[] {
  const eligible = new Set(bestTier(field.all, about));
  return ranked(field.all, about.now).map((candidate) => reportOf(candidate, eligible.has(candidate), about.now));
}

/** Where the next exchange would go, and in which shares those after it. Nothing is changed by asking. */
export function explain(strategy: Strategy, key: string, field: Field, about: Circumstances): Decision {
  const seen: Candidate[] = [];
  const chosen = chooseBy(strategy, key, field, { ...about, seen });
  const counts = new Map<string, number>();
  const ignored: Candidate[] = [];
  for (let trial = 0; trial < trials; trial++) {
    ignored.length = 0;
    const taken = strategy === 'round-robin' ? undefined : chooseBy(strategy, key, field, { ...about, seen: ignored });
    if (taken !== undefined) counts.set(taken.name, (counts.get(taken.name) ?? 0) + 1);
  }
  const total = field.healthy.weight;
  const share = (row: CandidateReport) => {
    if (strategy !== 'round-robin') return (counts.get(row.node) ?? 0) / trials;
    return row.tier === 'healthy' && total > 0 ? row.weight / total : 0;
  };
  const candidates = report(field, about).map((row) => ({ ...row, share: share(row) }));
  return decisionOf(strategy, chosen, seen, candidates, candidates.length);
}

/** The account of a choice that has been made; of very many candidates the best `most`, and all that were drawn. */
export function account(
  strategy: Strategy,
  chosen: Candidate | undefined,
  seen: readonly Candidate[],
  field: Field,
  about: Circumstances,
  most: number,
): Decision {
  const all = report(field, about);
  const named = new Set([...seen, ...(chosen === undefined ? [] : [chosen])].map(({ name }) => name));
  const kept = all.filter((row, at) => at < most || named.has(row.node));
  return decisionOf(strategy, chosen, seen, kept, all.length);
}

function decisionOf(
  strategy: Strategy,
  chosen: Candidate | undefined,
  seen: readonly Candidate[],
  candidates: readonly CandidateReport[],
  candidateCount: number,
): Decision {
  const drawn = [...new Set(seen.map(({ name }) => name))];
  return { strategy, chosen: chosen?.name ?? null, drawn, candidates, candidateCount };
}

function reportOf(candidate: Candidate, eligible: boolean, now: number): CandidateReport {
  const { name, entry, state, track, sameHost, rttMs } = candidate;
  const tier = tierOf(candidate, now);
  const isUp = entry.state === 'up' || entry.state === 'warning';
  return {
    node: name,
    state: isUp && state !== 'alive' ? state : entry.state,
    tier,
    eligible,
    share: null,
    terms: scoreTerms(candidate, now),
    latencyAgeMs: ageOf(track.latencyAt, now),
    inFlight: track.inFlight,
    inFlightThere: known(track.inFlightThere),
    load: known(track.load),
    loadAgeMs: known(track.load) === null ? null : ageOf(track.loadAt, now),
    weight: entry.weight,
    weightShare: shareOf(candidate, now),
    sameHost,
    rttMs: rttMs ?? null,
    failureShare: track.breaker.failureShare(now),
    labels: entry.labels,
    why: whyOf(candidate, tier, now),
  };
}

const tierWhy: Readonly<Record<Exclude<Tier, 'healthy' | 'hanging' | 'ejected'>, string>> = {
  slow: 'its node is degraded: it answers late or not at all',
  unsure: 'its node is suspect: it may be gone',
  unweighted: 'its weight is 0',
  draining: 'draining: it is to be given no new work',
  down: 'down, by its own word or its checks',
};

function whyOf(candidate: Candidate, tier: Tier, now: number): string {
  const { track, entry } = candidate;
  if (tier === 'hanging') return `silent for ${seconds(track.silentMs(now))} with ${track.inFlight} under way`;
  if (tier === 'ejected') return ejectedWhy(candidate, now);
  if (tier !== 'healthy') return tierWhy[tier];
  if (track.fitness(now) === 'trial') return 'one attempt is to find out whether it is well again';
  if (candidate.isShaky) return 'its node stood still, or came and went, a moment ago';
  const share = shareOf(candidate, now);
  if (entry.state === 'warning') return `warns of itself: ${Math.round(share * 100)} % of its share`;
  if (share < 1) return `new for ${seconds(now - track.firstSeenAt)}: ${Math.round(share * 100)} % of its share`;
  if (now - track.refusedAt < 1_000) return 'has just said that it has no room';
  return '';
}

function ejectedWhy({ track: { breaker, failedAt } }: Candidate, now: number): string {
  const until =
    now < breaker.openUntil ? `left out for ${seconds(breaker.openUntil - now)} more` : 'a trial is under way';
  if (breaker.consecutive > 0) return `${until}: ${breaker.consecutive} failures running`;
  return now - failedAt < 60_000 ? `${until}: it could not be reached` : until;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function ageOf(at: number, now: number): number | null {
  return at === Number.NEGATIVE_INFINITY ? null : now - at;
}

function known(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
