import { z } from 'zod';
import { detectWithinMsMax, detectWithinMsMin } from '../membership/derive-timing.ts';
import { isLabelName } from '../protocol/address.ts';
import { labelBytesMax, labelsMax, nodePortDefault } from '../protocol/limits.ts';
import { checkName } from '../protocol/names.ts';
import { parseHost, parseHostPort } from '../protocol/socket-address.ts';
import { strategies } from '../selection/strategy.ts';
import { logFormats, logLevels, profileNames } from './agent-config.ts';
import { checkKeys, checksMax, checkTlsKeys, configCheckSchema } from './checks/check-schema.ts';
import { isLoopbackHost } from './is-loopback-host.ts';
import { parseDuration } from './parse-duration.ts';
import { checkTargetUrl } from './target-url.ts';

// Every `error` is what was expected, so that one sentence ("expected …, found …") does for all; a refinement's message
// is the whole sentence.

const namePattern = '^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$';

function checked(expected: string, check: (text: string) => string | undefined) {
  return z.string({ error: expected }).superRefine((text, context) => {
    const problem = check(text);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });
}

function named(description: string) {
  return checked('a name', checkName).meta({ description, pattern: namePattern });
}

const anyPort = { error: 'a port from 1 to 65535' };
const port = z.int(anyPort).min(1, anyPort).max(65_535, anyPort);

const anyWeight = { error: 'a whole number from 1 to 1000' };
const weight = z
  .int(anyWeight)
  .min(1, anyWeight)
  .max(1_000, anyWeight)
  .meta({ description: 'Share of the work against other instances.', default: 100 });

const label = checked('text', (text) =>
  Buffer.byteLength(text) > labelBytesMax ? `a label has at most ${labelBytesMax} bytes` : undefined,
);
const labels = z
  .record(label, label, { error: 'a map of labels' })
  .refine((given) => Object.keys(given).length <= labelsMax, { error: `a service has at most ${labelsMax} labels` })
  .refine((given) => Object.keys(given).every(isLabelName), {
    error: 'the name of a label is not empty and has no "=", "," or "]": nobody could ask for it by crm[name=value]',
  })
  .meta({ description: 'For people and for selection.' });

const url = checked('an address such as http://127.0.0.1:8080', checkTargetUrl).meta({ format: 'uri' });

const checks = z
  .array(configCheckSchema, { error: 'a list of checks' })
  .max(checksMax, { error: `an instance has at most ${checksMax} checks` })
  .meta({ description: 'The worst of them counts; default whether the port is open.' });

const target = z
  .strictObject({
    url,
    weight: weight.optional(),
    labels: labels.optional(),
    check: configCheckSchema.optional(),
    checks: checks.optional(),
  })
  .refine((given) => given.check === undefined || given.checks === undefined, {
    path: ['checks'],
    error: 'one check or a list of checks, not both',
  });

const http = z.union([port, checked('a port', checkHttp)], { error: 'a port, "HOST:PORT" or "off"' }).meta({
  description: 'Where the HTTP API and the proxy listen: a port, HOST:PORT on loopback, or off.',
  default: 7471,
});

const dns = z.union([port, checked('a port', checkDns)], { error: 'a port, "HOST:PORT" or "off"' }).meta({
  description: 'Where names are answered by DNS: a port, HOST:PORT on loopback, or off.',
  default: 7473,
});

const seed = checked('a host', (text) =>
  parseHostPort(text, nodePortDefault) === undefined
    ? `expected HOST or HOST:PORT, found ${JSON.stringify(text)}`
    : undefined,
);

const advertised = checked('a host', (text) =>
  parseHost(text) === undefined ? `expected HOST or HOST:PORT, found ${JSON.stringify(text)}` : undefined,
);

const profile = z.enum(profileNames, { error: `one of ${profileNames.join(', ')}` }).meta({
  description: 'The kind of network that times are made for; default local on loopback, else lan.',
});

// YAML makes a number of what has no unit.
const detectWithin = z
  .union([z.number(), z.string()], { error: 'a duration such as 2s' })
  .superRefine((given, context) => {
    const problem = checkGoal(given);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  })
  .meta({
    description: 'Instead of a profile: how soon a host that falls silent is to be known as dead, 500ms to 1m.',
  });

const onePath = { error: 'a path' };
const path = z.string(onePath).min(1, onePath);

const log = z.strictObject(
  {
    level: z
      .enum(logLevels, { error: `one of ${logLevels.join(', ')}` })
      .meta({ default: 'info' })
      .optional(),
    format: z
      .enum(logFormats, { error: `one of ${logFormats.join(', ')}` })
      .meta({ default: 'auto' })
      .optional(),
  },
  { error: 'a map of log settings' },
);

// A sticky choice needs a key, and that only the caller has.
const strategyNames = strategies.filter((name) => name !== 'sticky');
const strategiesByService = z
  .record(
    checked('a name', checkName).meta({ pattern: namePattern }),
    z.enum(strategyNames, { error: `one of ${strategyNames.join(', ')}` }),
    { error: 'a map of services' },
  )
  .meta({ description: 'How calls from this host choose among the instances of a service; default best.' });

/** What stands in a configuration file. Unknown keys are errors: a setting that is misspelt must not be silently ignored. */
export const configSchema = z
  .strictObject(
    {
      name: named("The node's name; default the host's.").optional(),
      cluster: named('Nodes of other clusters are not heard.').meta({ default: 'fogata' }).optional(),
      open: z
        .boolean({ error: 'true or false' })
        .meta({ description: 'Speak on the LAN without a key: everybody there can read and forge.', default: false })
        .optional(),
      port: port
        .meta({ description: 'First node port to try; the next 99 follow.', default: nodePortDefault })
        .optional(),
      http: http.optional(),
      dns: dns.optional(),
      socket: path.meta({ description: 'The Unix socket for programs and the command line.' }).optional(),
      data: path.meta({ description: 'The directory of what must outlive the process.' }).optional(),
      seeds: z
        .array(seed, { error: 'a list of HOST[:PORT]' })
        .meta({ description: 'Nodes to ask where multicast does not reach.' })
        .optional(),
      advertise: z
        .array(advertised, { error: 'a list of HOST[:PORT]' })
        .meta({ description: 'Addresses by which others reach this node, where it does not know them: behind NAT.' })
        .optional(),
      profile: profile.optional(),
      detectWithin: detectWithin.optional(),
      serve: z
        .record(
          checked('a name', checkName).meta({ pattern: namePattern }),
          z.union([url, target], {
            error: 'an address such as http://127.0.0.1:8080, or url, weight, labels and checks',
          }),
          {
            error: 'a map of services',
          },
        )
        .meta({ description: 'HTTP and TCP programs on this host, by the service they are an instance of.' })
        .optional(),
      strategies: strategiesByService.optional(),
      log: log.optional(),
    },
    { error: 'a map of settings' },
  )
  .refine((given) => given.profile === undefined || given.detectWithin === undefined, {
    path: ['detectWithin'],
    error: 'a goal or a profile, not both',
  })
  .meta({ title: 'Configuration of a Fogata agent' });

/** Settings as one source (file, command line, environment) gives them, each valid in itself. */
export type ConfigLayer = z.infer<typeof configSchema>;

const keysByDepth: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(configSchema.shape),
  log: Object.keys(log.shape),
  serve: Object.keys(target.shape),
};

/** The keys that are known where an unknown one stands. */
export function knownConfigKeys(parent: readonly PropertyKey[]): readonly string[] {
  if (parent[0] === 'serve' && parent.length > 2) return parent.at(-1) === 'tls' ? checkTlsKeys : checkKeys;
  return keysByDepth[String(parent[0] ?? '')] ?? [];
}

/** For editors, which complete and check with it while one writes. */
export function configJsonSchema(): object {
  return z.toJSONSchema(configSchema, { io: 'input' });
}

function checkGoal(given: string | number): string | undefined {
  const ms = parseDuration(String(given));
  const found = JSON.stringify(given);
  if (ms === undefined) return `expected a duration such as 2s, found ${found}`;
  return ms >= detectWithinMsMin && ms <= detectWithinMsMax ? undefined : `expected 500ms to 1m, found ${found}`;
}

function checkHttp(text: string): string | undefined {
  return checkListen(text, 'whoever reaches the HTTP port commands the agent; put a proxy with a login before it');
}

function checkDns(text: string): string | undefined {
  return checkListen(text, 'what is answered there is meant for programs of this host');
}

function checkListen(text: string, whyLoopback: string): string | undefined {
  if (text === 'off') return undefined;
  const parsed = /^\d+$/.test(text) ? undefined : parseHostPort(text);
  if (parsed === undefined) return `expected a port, "HOST:PORT" or "off", found ${JSON.stringify(text)}`;
  return isLoopbackHost(parsed.host) ? undefined : `${JSON.stringify(text)} is not on loopback: ${whyLoopback}`;
}
