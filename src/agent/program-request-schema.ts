import { z } from 'zod';
import type { ProgramRequest } from '../api/program-request.ts';
import { workingStates } from '../delivery/flap-damping.ts';
import { checkName } from '../protocol/names.ts';
import { strategies } from '../selection/strategy.ts';

const service = z.string().superRefine((text, context) => {
  const problem = checkName(text);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

// Looser than strict: a later client may say more than this agent knows.
const programRequest: z.ZodType<ProgramRequest> = z.discriminatedUnion('op', [
  z.object({ op: z.literal('nodes') }),
  z.object({ op: z.literal('services') }),
  z.object({ op: z.literal('status') }),
  z.object({
    op: z.literal('resolve'),
    address: z.string(),
    strategy: z.enum(strategies).optional(),
    sticky: z.string().optional(),
  }) as z.ZodType<Extract<ProgramRequest, { op: 'resolve' }>> & z.core.$ZodTypeDiscriminable,
  z.object({ op: z.literal('watch') }),
  z.object({
    op: z.literal('register'),
    service,
    weight: z.number(),
    labels: z.record(z.string(), z.string()),
    inFlightMax: z.number(),
    heartbeatWithinMs: z.number().optional(),
    endpoint: z.string().optional(),
    kinds: z.object({ messages: z.boolean(), streams: z.boolean() }).optional(),
  }),
  z.object({ op: z.literal('withdraw'), service }),
  z.object({ op: z.literal('set-load'), service, load: z.number().min(0).max(1) }),
  z.object({ op: z.literal('set-state'), service, state: z.enum(workingStates) }),
  z.object({ op: z.literal('heartbeat'), service, state: z.enum(workingStates), note: z.string() }),
]);

/** What a program's request (frame 14) says, or why it says nothing. */
export function parseProgramRequest(
  text: string,
): { readonly ok: true; readonly request: ProgramRequest } | { readonly ok: false; readonly reason: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, reason: 'the request is no JSON' };
  }
  const parsed = programRequest.safeParse(json);
  if (parsed.success) return { ok: true, request: parsed.data };
  const issue = parsed.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? 'request' : issue.path.join('.');
  return { ok: false, reason: `${where}: ${issue?.message ?? 'invalid'}` };
}
