import { z } from 'zod';
import { strategies } from '../selection/strategy.ts';
import { tiers } from '../selection/tier.ts';

const ms = z.number().nullable();

const candidate = z
  .object({
    node: z.string(),
    state: z.enum(['up', 'warning', 'down', 'draining', 'degraded', 'suspect']),
    tier: z.enum(tiers),
    eligible: z.boolean(),
    share: z.number().min(0).max(1).nullable(),
    terms: z.object({
      latencyMs: z.number(),
      queueMs: z.number(),
      loadFactor: z.number(),
      healthFactor: z.number(),
      distanceFactor: z.number(),
      score: z.number(),
    }),
    latencyAgeMs: ms,
    inFlight: z.int(),
    inFlightThere: z.number().nullable(),
    load: z.number().min(0).max(1).nullable(),
    loadAgeMs: ms,
    weight: z.int(),
    weightShare: z.number(),
    sameHost: z.boolean(),
    rttMs: ms,
    failureShare: z.number(),
    labels: z.record(z.string(), z.string()),
    why: z.string(),
  })
  .meta({ id: 'Candidate' });

/** How one instance was chosen. */
export const decisionSchema = z
  .object({
    strategy: z.enum(strategies),
    chosen: z.string().nullable(),
    drawn: z.array(z.string()),
    candidates: z.array(candidate),
    candidateCount: z.int(),
  })
  .meta({ id: 'Decision' });

export const resolveSchema = decisionSchema.extend({ address: z.string() }).meta({ id: 'Resolve' });
