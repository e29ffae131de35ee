import { z } from 'zod';
import { checkStates } from '../api/check-state.ts';
import { errorCodes } from '../protocol/error-code.ts';
import { memberStates } from '../protocol/member-update.ts';
import { checkName } from '../protocol/names.ts';
import { serviceStates } from '../protocol/service-entry.ts';
import { checksMax, checkWays, programCheckSchema } from './checks/check-schema.ts';
import { decisionSchema } from './resolve-schema.ts';
import { checkRegisteredUrl } from './target-url.ts';

// What the HTTP API takes and gives, for validation and for its OpenAPI document.

const code = z.enum(errorCodes as [string, ...string[]]);
const texts = z.record(z.string(), z.string());
const anyJson = z.unknown().meta({ description: 'Anything JSON can say. Bytes are {"base64": "…"}, no body is null.' });

export const instanceSchema = z
  .object({
    node: z.string(),
    state: z.enum(['up', 'warning', 'down', 'draining', 'degraded', 'suspect']),
    load: z.number().min(0).max(1).nullable(),
    weight: z.int(),
    labels: texts,
    endpoint: z.string().nullable().optional(),
  })
  .meta({ id: 'Instance' });

const methodStates = ['starting', 'working', 'silent', 'idle', 'failing'] as const;

const discoverySchema = z.object({
  methods: z.array(
    z.object({
      method: z.string(),
      interface: z.string(),
      at: z.string(),
      state: z.enum(methodStates),
      sent: z.number().nullable(),
      heard: z.number().nullable(),
      found: z.number(),
      lastError: z.string().nullable(),
      why: z.string(),
      cure: z.string(),
    }),
  ),
  notices: z.array(
    z.object({ kind: z.enum(['copied-id', 'name-conflict', 'other-cluster']), text: z.string(), cure: z.string() }),
  ),
});

export const nodesSchema = z
  .object({
    cluster: z.string(),
    self: z.string(),
    posture: z.enum(['loopback', 'open', 'sealed']),
    nodes: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        state: z.enum(memberStates),
        address: z.string(),
        rttMs: z.number().nullable(),
        services: z.array(z.string()),
        load: z.number().nullable().optional(),
        since: z.string(),
        foundBy: z.array(z.object({ method: z.string(), interface: z.string(), via: z.string(), since: z.string() })),
        unstable: z.boolean().optional(),
        observations: z.array(z.object({ what: z.string(), by: z.string(), at: z.string() })).optional(),
      }),
    ),
    detection: z.object({ askedMs: z.number().nullable(), withinMs: z.number(), why: z.string() }).optional(),
    partitions: z.array(z.object({ since: z.string(), here: z.number(), there: z.array(z.string()) })).optional(),
    discovery: discoverySchema.optional(),
  })
  .meta({ id: 'Nodes' });

export const servicesSchema = z
  .object({ services: z.array(z.object({ name: z.string(), instances: z.array(instanceSchema) })) })
  .meta({ id: 'Services' });

export const serviceSchema = z.object({ name: z.string(), instances: z.array(instanceSchema) }).meta({ id: 'Service' });

const attempt = z.object({ service: z.string(), node: z.string(), code, reason: z.string() });
const instance = z.object({ service: z.string(), node: z.string() });

export const outcomeSchema = z
  .object({
    outcome: z.enum(['answered', 'delivered', 'stored', 'expired', 'refused', 'unknown']),
    id: z.string(),
    elapsedMs: z.number(),
    instance: instance.optional(),
    reply: z.object({ params: texts, body: anyJson }).optional(),
    code: code.optional(),
    reason: z.string().optional(),
    retryable: z.boolean().optional(),
    tried: z.array(attempt).optional(),
    decisions: z.array(decisionSchema).optional(),
  })
  .meta({ id: 'Outcome' });

export const publishOutcomeSchema = z
  .object({
    outcome: z.enum(['delivered', 'stored', 'expired', 'refused', 'unknown']),
    id: z.string(),
    elapsedMs: z.number(),
    instances: z.array(instance.extend({ outcome: z.string(), code: code.optional(), reason: z.string().optional() })),
    code: code.optional(),
    reason: z.string().optional(),
  })
  .meta({ id: 'PublishOutcome' });

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code,
    outcome: z.enum(['refused', 'expired', 'unknown']),
    tried: z.array(attempt),
  })
  .meta({ id: 'Problem' });

const checked = (check: (text: string) => string | undefined) =>
  z.string().superRefine((text, context) => {
    const wrong = check(text);
    if (wrong !== undefined) context.addIssue({ code: 'custom', message: wrong });
  });

export const registerSchema = z
  .strictObject({
    service: checked(checkName),
    url: checked(checkRegisteredUrl).meta({ example: 'http://127.0.0.1:8080' }),
    weight: z.int().min(1).max(1_000).default(100),
    labels: texts.default({}),
    checks: z
      .array(programCheckSchema)
      .max(checksMax)
      .default([])
      .meta({ description: 'The worst counts; default whether the port is open.' }),
    ttlMs: z
      .int()
      .min(1_000)
      .max(86_400_000)
      .optional()
      .meta({ description: 'To be registered again within this time.' }),
    deliverTo: z
      .enum(['command', 'exact'])
      .default('command')
      .meta({ description: 'command: a message goes to URL/COMMAND; exact: to the URL, its command in a header.' }),
  })
  .meta({ id: 'Registration' });

export const heartbeatSchema = z
  .strictObject({
    state: z.enum(checkStates).default('passing'),
    text: z.string().default('').meta({ description: 'For people; 4,096 bytes of it are kept.' }),
  })
  .meta({ id: 'Heartbeat' });

export const loadSchema = z.strictObject({ load: z.number().min(0).max(1) }).meta({ id: 'Load' });

const checkStanding = z.object({
  name: z.string(),
  way: z.enum(checkWays),
  state: z.enum(['starting', ...checkStates]),
  since: z.string(),
  output: z.string(),
  lastRun: z.string().nullable(),
  nextRun: z.string().nullable(),
  runs: z.int(),
});

export const checksSchema = z
  .object({
    node: z.string(),
    programs: z.array(
      z.object({
        service: z.string(),
        by: z.enum(['config', 'program']),
        state: z.enum(serviceStates),
        since: z.string(),
        note: z.string(),
        heldMs: z.number().nullable(),
        inFlight: z.int(),
        checks: z.array(checkStanding),
      }),
    ),
  })
  .meta({ id: 'Checks' });

export const statusSchema = z
  .looseObject({ id: z.string(), name: z.string(), cluster: z.string() })
  .meta({ id: 'Status' });
