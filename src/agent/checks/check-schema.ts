import { z } from 'zod';
import { parseDuration } from '../parse-duration.ts';
import { checkUrlProblem } from './check-url.ts';

// As in the configuration: each `error` is what was expected; a refinement's message is the whole sentence.

/** Checks of one instance: each runs every second or so. */
export const checksMax = 8;

/** A check more often than this is load; less often than this is no check. */
export const checkIntervalMsMin = 100;
export const checkIntervalMsMax = 3_600_000;
/** What has not started by then is not starting. */
export const graceMsMax = 600_000;
/** Results in a row: more of them say nothing more, only later. */
export const streakMax = 100;
/** A name of a service in gRPC: its length is one byte of a varint. */
const grpcNameMax = 127;
const headersMax = 16;
const argumentsMax = 64;
/** Patterns, what is sought in an answer, and what is sent in a datagram, which thus fits every path but the narrowest. */
const patternMax = 1_024;
export const hexPayload = /^hex:((?:[0-9a-f]{2})*)$/i;

function text(expected: string, max = patternMax) {
  return z.string({ error: expected }).max(max, { error: `${expected} of at most ${max} characters` });
}

const payload = text('a text, or hex:0a0b').refine((given) => !given.startsWith('hex:') || hexPayload.test(given), {
  error: 'after hex: come pairs of hexadecimal digits',
});

/** YAML makes a number of what has no unit. */
function duration(expected: string, minMs: number, maxMs: number) {
  return z.union([z.number(), z.string()], { error: expected }).superRefine((given, context) => {
    const ms = parseDuration(String(given));
    if (ms !== undefined && ms >= minMs && ms <= maxMs) return;
    context.addIssue({ code: 'custom', message: `expected ${expected}, found ${JSON.stringify(given)}` });
  });
}

const interval = duration('100ms to 1h', checkIntervalMsMin, checkIntervalMsMax);
const count = z
  .int({ error: 'a whole number from 1 to 100' })
  .min(1, { error: 'a whole number from 1 to 100' })
  .max(streakMax, { error: 'a whole number from 1 to 100' });
const aPort = { error: 'a port from 1 to 65535' };

const terms = {
  name: text('a name', 63).min(1, { error: 'a name' }).optional(),
  interval: interval.meta({ description: 'From run to run; default 1s, of a command 10s.' }).optional(),
  timeout: duration('10ms to 1h', 10, checkIntervalMsMax)
    .meta({ description: 'At most the interval, which is the default, but 1s at most; of a command 5s.' })
    .optional(),
  rise: count.meta({ description: 'Better results in a row until it is better.', default: 1 }).optional(),
  fall: count.meta({ description: 'Worse results in a row until it is worse; default 1, of time-outs 2.' }).optional(),
  grace: duration('0 to 10m', 0, graceMsMax)
    .meta({ description: 'How long it may take to start; default 10s.' })
    .optional(),
};

const statusRange = z.union(
  [
    z
      .int({ error: 'a status such as 200' })
      .min(100, { error: 'a status from 100 to 599' })
      .max(599, { error: 'a status from 100 to 599' }),
    z.string({ error: 'a range such as 200-299' }).regex(/^[1-5]\d\d-[1-5]\d\d$/, { error: 'a range such as 200-299' }),
  ],
  { error: 'a status such as 200, or a range such as 200-299' },
);

/** What a program may ask for by itself: nothing that reads a file, runs a program or takes long to evaluate. */
const harmless = {
  ...terms,
  http: text('a path such as /health, or an address on this host', 2_048)
    .superRefine((given, context) => {
      const problem = checkUrlProblem(given);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    })
    .meta({ description: 'Ask by HTTP: a path of the program, or an address on this host.' })
    .optional(),
  tcp: z.literal(true, { error: 'true' }).meta({ description: 'Connect to the port.' }).optional(),
  heartbeat: interval.meta({ description: 'The program is to say within each of this time that it works.' }).optional(),
  grpc: z
    .union([z.literal(true), text('the name of a gRPC service', grpcNameMax)], {
      error: 'true, or the name of a gRPC service',
    })
    .meta({ description: 'Ask grpc.health.v1.Health/Check, of the server or of one of its services.' })
    .optional(),
  udp: payload.meta({ description: 'Send this datagram and wait for one: a text, or hex:0a0b.' }).optional(),
  port: z
    .int(aPort)
    .min(1, aPort)
    .max(65_535, aPort)
    .meta({ description: "Of tcp, grpc and udp; default the program's." })
    .optional(),
  method: z
    .string({ error: 'a method such as GET' })
    .regex(/^[A-Z]{1,16}$/, { error: 'a method such as GET' })
    .meta({ default: 'GET' })
    .optional(),
  headers: z
    .record(
      z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,255}$/, { error: 'a name of a header' }),
      z.string({ error: 'text' }).regex(/^[\t\x20-\x7e]{0,1024}$/, { error: 'text without control characters' }),
      { error: 'a map of headers' },
    )
    .refine((given) => Object.keys(given).length <= headersMax, { error: `a check has at most ${headersMax} headers` })
    .optional(),
  status: z
    .union(
      [
        statusRange,
        z
          .array(statusRange, { error: 'a list of statuses' })
          .min(1, { error: 'at least one status' })
          .max(16, { error: 'at most 16 statuses' }),
      ],
      {
        error: 'a status such as 200, a range such as 200-299, or a list of these',
      },
    )
    .meta({ description: 'What counts as passing; default 200-299. Else 429 is a warning, all other is critical.' })
    .optional(),
  contains: text('text').meta({ description: 'What the first 64 KiB of the body must contain.' }).optional(),
  expect: payload.meta({ description: 'What the answer to a datagram must contain.' }).optional(),
};

const onePath = { error: 'the path of a file' };

const tls = z.strictObject(
  {
    ca: z.string(onePath).min(1, onePath).meta({ description: 'File of certificates (PEM) to trust.' }).optional(),
    insecure: z.boolean({ error: 'true or false' }).meta({ description: 'Take any certificate.' }).optional(),
    serverName: text('a name', 255).meta({ description: 'The name the certificate must bear.' }).optional(),
  },
  { error: 'a map of TLS settings' },
);

const argument = z.string({ error: 'text' }).max(4_096, { error: 'text of at most 4096 characters' });

const privileged = {
  ...harmless,
  command: z
    .union(
      [
        argument.min(1, { error: 'a command' }),
        z
          .array(argument, { error: 'a list of texts' })
          .min(1, { error: 'a command' })
          .max(argumentsMax, { error: `at most ${argumentsMax} arguments` }),
      ],
      {
        error: 'a command line, or a list of program and arguments',
      },
    )
    .meta({ description: 'Run it: a line for the shell, or a list. Exit 0 passing, 1 warning, else critical.' })
    .optional(),
  matches: text('a regular expression')
    .superRefine((given, context) => {
      const problem = patternProblem(given);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    })
    .meta({ description: 'What the first 64 KiB of the body must match.' })
    .optional(),
  tls: tls.optional(),
};

function patternProblem(source: string): string | undefined {
  try {
    const pattern = new RegExp(source, 'u');
    return pattern.unicode ? undefined : 'no regular expression';
  } catch (error) {
    return error instanceof Error ? error.message : 'no regular expression';
  }
}

export const checkWays = ['http', 'tcp', 'command', 'heartbeat', 'grpc', 'udp'] as const;

/** What goes with some ways only. */
const belongsTo: Readonly<Record<string, readonly string[]>> = {
  port: ['tcp', 'grpc', 'udp'],
  method: ['http'],
  headers: ['http'],
  status: ['http'],
  contains: ['http'],
  matches: ['http'],
  tls: ['http', 'grpc'],
  expect: ['udp'],
};

function coherent(given: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void {
  // What is wrong in a part is told of by itself.
  if (context.issues.length > 0) return;
  const ways = checkWays.filter((way) => given[way] !== undefined);
  const [way] = ways;
  if (way === undefined || ways.length > 1) {
    const found = ways.length === 0 ? 'none' : ways.join(' and ');
    context.addIssue({ code: 'custom', message: `a check is one of ${checkWays.join(', ')}, found ${found}` });
    return;
  }
  for (const [key, of] of Object.entries(belongsTo)) {
    if (given[key] === undefined || of.includes(way)) continue;
    context.addIssue({ code: 'custom', path: [key], message: `goes with ${of.join(', ')}, not with ${way}` });
  }
  const longestMs = msOf(given['interval']);
  const timeoutMs = msOf(given['timeout']);
  if (longestMs !== undefined && timeoutMs !== undefined && timeoutMs > longestMs) {
    context.addIssue({ code: 'custom', path: ['timeout'], message: 'is longer than the interval' });
  }
}

function msOf(given: unknown): number | undefined {
  return typeof given === 'string' || typeof given === 'number' ? parseDuration(String(given)) : undefined;
}

const anyCheck = { error: 'a path such as /health, or a map with http, tcp, command, heartbeat, grpc or udp' };
const shortPath = harmless.http.unwrap();

/** A check as it stands in the configuration file. */
export const configCheckSchema = z.union([shortPath, z.strictObject(privileged).superRefine(coherent)], anyCheck);

/** A check as a program asks for it. */
export const programCheckSchema = z.union([shortPath, z.strictObject(harmless).superRefine(coherent)], anyCheck);

export type GivenCheck = z.infer<typeof configCheckSchema>;

export const checkKeys: readonly string[] = Object.keys(privileged);
export const checkTlsKeys: readonly string[] = Object.keys(tls.shape);
