import { homedir, hostname } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { defaultAgentSocket, type Surroundings } from '../api/agent-location.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { nameBytesMax, nodePortDefault } from '../protocol/limits.ts';
import { type HostPort, parseHost, parseHostPort } from '../protocol/socket-address.ts';
import type { AgentConfig, ServedTarget } from './agent-config.ts';
import { checkSpecs } from './checks/check-specs.ts';
import { configProblems } from './config-problem.ts';
import { type ConfigLayer, configSchema, knownConfigKeys } from './config-schema.ts';
import type { DnsChoice } from './dns/agent-dns.ts';
import { parseDuration } from './parse-duration.ts';

const httpDefault: HostPort = { host: '127.0.0.1', port: 7471 };
const dnsDefault: HostPort = { host: 'localhost', port: 7473 };
const weightDefault = 100;

/** Settings and how each of them is called where it came from: `--port`, `FOGATA_NAME`. */
export interface NamedSettings {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly nameOf: (key: string, path: readonly PropertyKey[]) => string;
}

/** Checks what a command line or an environment says. Throws FogataError `config`, one line for each problem. */
export function checkSettings({ settings, nameOf }: NamedSettings): ConfigLayer {
  const parsed = configSchema.safeParse(settings);
  if (parsed.success) return parsed.data;
  const lines = configProblems(parsed.error, settings, knownConfigKeys).map(
    ({ path, text }) => `${nameOf(String(path[0]), path)}: ${text}`,
  );
  throw new FogataError('config', lines.join('\n'));
}

/** What this process is surrounded by. */
export function systemSurroundings(): Surroundings {
  return { env: process.env, uid: process.getuid?.(), home: homedir() };
}

/**
 * The first of `layers` that says something wins (command line, file, environment, in this order); `serve` is joined by
 * service, and a profile and a goal replace each other. Relative paths are relative to the working directory.
 */
export function resolveConfig(layers: readonly ConfigLayer[], surroundings: Surroundings): AgentConfig {
  const first = <Key extends keyof ConfigLayer>(key: Key): ConfigLayer[Key] =>
    layers.find((layer) => layer[key] !== undefined)?.[key];
  return {
    name: first('name') ?? nameOfHost(hostname()),
    cluster: first('cluster'),
    open: first('open') ?? false,
    port: first('port') ?? nodePortDefault,
    http: listenOf(first('http'), httpDefault),
    dns: dnsOf(first('dns')),
    socket: resolve(first('socket') ?? defaultAgentSocket(surroundings)),
    data: resolve(first('data') ?? defaultDataDirectory(surroundings)),
    seeds: (first('seeds') ?? []).flatMap((seed) => parseHostPort(seed, nodePortDefault) ?? []),
    advertise: (first('advertise') ?? []).flatMap((text) => parseHost(text) ?? []),
    ...paceOf(layers),
    serve: targetsOf(layers),
    strategies: new Map(layers.toReversed().flatMap((layer) => Object.entries(layer.strategies ?? {}))),
    log: {
      level: layers.find((layer) => layer.log?.level)?.log?.level ?? 'info',
      format: layers.find((layer) => layer.log?.format)?.log?.format ?? 'auto',
    },
  };
}

/** The settings that may come from the environment: those that containers and test runs set from outside. */
export function environmentSettings(env: Surroundings['env']): NamedSettings {
  const agent = env['FOGATA_AGENT'] ?? '';
  const settings = {
    ...(env['FOGATA_NAME'] ? { name: env['FOGATA_NAME'] } : {}),
    ...(env['FOGATA_CLUSTER'] ? { cluster: env['FOGATA_CLUSTER'] } : {}),
    ...(env['FOGATA_DATA'] ? { data: env['FOGATA_DATA'] } : {}),
    // Where programs look for the agent is where it should be.
    ...(isAbsolute(agent) ? { socket: agent } : {}),
    ...(env['FOGATA_LOG'] ? { log: { level: env['FOGATA_LOG'] } } : {}),
  };
  return { settings, nameOf: (key) => (key === 'socket' ? 'FOGATA_AGENT' : `FOGATA_${key.toUpperCase()}`) };
}

/** A host's name made a node's: the part before the first dot, in small letters, with what no name may have as `-`. */
export function nameOfHost(host: string): string {
  const label = host.split('.')[0] ?? '';
  const name = label
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .slice(0, nameBytesMax)
    .replace(/^[_-]+|[_-]+$/g, '');
  return name || 'node';
}

function defaultDataDirectory({ env, uid, home }: Surroundings): string {
  if (uid === 0) return '/var/lib/fogata';
  const state = env['XDG_STATE_HOME'];
  return join(state || join(home, '.local', 'state'), 'fogata');
}

function listenOf(given: ConfigLayer['http'], byDefault: HostPort): HostPort | undefined {
  if (given === undefined) return byDefault;
  if (given === 'off') return undefined;
  return typeof given === 'number' ? { host: byDefault.host, port: given } : parseHostPort(given, byDefault.port);
}

/** Another agent of this host may have the port: that ends this one only where the port was asked for. */
function dnsOf(dns: ConfigLayer['dns']): DnsChoice | undefined {
  const where = listenOf(dns, dnsDefault);
  return where === undefined ? undefined : { ...where, required: dns !== undefined };
}

/** Each source says one of them at most, and the first that says either decides. */
function paceOf(layers: readonly ConfigLayer[]): Pick<AgentConfig, 'profile' | 'detectWithinMs'> {
  const said = layers.find(({ profile, detectWithin }) => profile !== undefined || detectWithin !== undefined);
  const goal = said?.detectWithin;
  return { profile: said?.profile, detectWithinMs: goal === undefined ? undefined : parseDuration(String(goal)) };
}

function targetsOf(layers: readonly ConfigLayer[]): ServedTarget[] {
  const targets = new Map<string, ServedTarget>();
  for (const { serve } of [...layers].reverse()) {
    for (const [service, given] of Object.entries(serve ?? {})) {
      const target = typeof given === 'string' ? { url: given } : given;
      const checks = target.checks ?? (target.check === undefined ? [] : [target.check]);
      targets.set(service, {
        service,
        url: target.url,
        weight: target.weight ?? weightDefault,
        labels: target.labels ?? {},
        checks: checkSpecs({ service, url: target.url }, checks),
      });
    }
  }
  return [...targets.values()];
}
