import { roundedMs } from '../api/outcome-json.ts';
import { createNode } from '../node/create-node.ts';
import type { FogataNode } from '../node/node.ts';
import type { NodeOptions } from '../node/node-options.ts';
import { softwareName } from '../node/software-name.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { beaconPort } from '../protocol/limits.ts';
import { formatHostPort } from '../protocol/socket-address.ts';
import { keepProcessAlive } from '../runtime/keep-alive.ts';
import type { Log } from '../runtime/log.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { ByteStream } from '../runtime/streams.ts';
import { systemRuntime } from '../runtime/system-runtime.ts';
import { systemStorage } from '../runtime/system-storage.ts';
import { type KeyRing, openKeyRing } from '../trust/key-ring.ts';
import type { AgentConfig } from './agent-config.ts';
import { createAgentKeys } from './agent-keys.ts';
import type { AgentStatus } from './agent-status.ts';
import { lockData } from './data-lock.ts';
import { type AgentDns, openAgentDns } from './dns/agent-dns.ts';
import { createHttpApi } from './http-api.ts';
import { createHttpEndpoint, createHttpServer, type HttpEndpoint, listenHttp } from './http-endpoint.ts';
import { createLocalTargets, type LocalTargets } from './local-targets.ts';
import { createProgramEndpoint, type ProgramEndpoint } from './program-endpoint.ts';
import { createRuleRequests } from './rule-requests.ts';
import { openServiceRules } from './service-rules.ts';
import { listenOnUnix, type UnixEndpoint } from './unix-endpoint.ts';

/** How long work in hand may go on after `stop`; the goodbye and the rest follow within half a second. */
const drainMs = 1_500;

/** How long programs and HTTP clients may take to read what they were told last. */
const farewellMs = 200;

export interface RunningAgent {
  readonly node: FogataNode;
  status(): AgentStatus;
  /** Takes nothing new, lets work in hand end, says goodbye: within 2 s. Safe to call twice. */
  stop(): Promise<void>;
}

/** Stops the agent, does `change` while none runs, and starts it again. */
export type RestartWith = (change: () => Promise<void>) => void;

function noRestart(): never {
  throw new FogataError('failed', 'this agent cannot restart itself');
}

/** What has been opened so far, to be closed again in turn when the next thing cannot be. */
type Undo = (() => Promise<void> | void)[];

/**
 * The daemon: a node, the doors for programs, and the programs it serves. What may be taken by others (directory, socket,
 * port) is taken first, so that an agent that cannot start never shows up in the cluster. Throws FogataError.
 */
export async function startAgent(
  config: AgentConfig,
  log: Log,
  restartWith: RestartWith = noRestart,
): Promise<RunningAgent> {
  const undo: Undo = [];
  try {
    return await start(config, { log, restartWith }, undo);
  } catch (error) {
    for (const close of undo.reverse()) await close();
    throw error;
  }
}

async function start(
  config: AgentConfig,
  { log, restartWith }: { readonly log: Log; readonly restartWith: RestartWith },
  undo: Undo,
): Promise<RunningAgent> {
  const lock = await lockData(config.data);
  undo.push(() => lock.release());
  const runtime = systemRuntime({ storage: systemStorage(config.data), log });
  const server = createHttpServer();
  const door: { programs: ProgramEndpoint | undefined } = { programs: undefined };
  const onProgram = (stream: ByteStream): void => {
    if (door.programs === undefined) stream.destroy();
    else door.programs.accept(stream);
  };
  const unix = await listenOnUnix({ clock: runtime.clock, log, path: config.socket, http: server, onProgram });
  undo.push(() => unix.close());
  if (config.http !== undefined) {
    undo.push(() => void server.close());
    await listenHttp(server, config.http);
  }
  const dns = await openAgentDns({ runtime, choice: config.dns, http: config.http });
  undo.push(() => dns.close());
  const keyRing = await openKeyRing(runtime.storage);
  const node = await createNode(nodeOptions(config, keyRing), runtime);
  if (config.open && keyRing !== undefined) log.warn('"open" is left aside: this host has a key, and speaks sealed');
  undo.push(() => node.stop(0));
  node.setStrategies(config.strategies);
  const rules = createRuleRequests(node, await openServiceRules({ node, storage: runtime.storage, log }));
  const targets = createLocalTargets({ node, clock: runtime.clock, random: runtime.random, log });
  undo.push(() => targets.close());
  const status = (): AgentStatus => agentStatus({ config, node, targets, programs, dns });
  const programs = createProgramEndpoint({ clock: runtime.clock, log, node, software: softwareName, status });
  door.programs = programs;
  const keys = createAgentKeys({ runtime, node, restartWith });
  const isPrivate = (socket: object): boolean => unix.has(socket);
  const { clock, random } = runtime;
  const api = createHttpApi({ node, targets, status, keys, rules, isPrivate, clock, random });
  const http = createHttpEndpoint({ server, node, api, onProgram, clock: runtime.clock });
  for (const target of config.serve) targets.add(target, { by: 'config', ttlMs: undefined, deliverTo: 'command' });
  dns.answerFor(node);
  let stopping: Promise<void> | undefined;
  return {
    node,
    status,
    stop() {
      stopping ??= stop({ runtime, node, unix, http, dns, programs, targets }).then(() => lock.release());
      return stopping;
    },
  };
}

const clusterDefault = 'fogata';

export function nodeOptions(config: AgentConfig, keyRing: KeyRing | undefined): NodeOptions {
  const { name, cluster, open, port, seeds, advertise, profile, detectWithinMs } = config;
  const isOnLan = open || keyRing !== undefined;
  return {
    name,
    cluster: cluster ?? keyRing?.state.cluster ?? clusterDefault,
    keyRing,
    open,
    port,
    seeds,
    advertise,
    beaconPort,
    id: undefined,
    timing: profile ?? (isOnLan ? 'lan' : 'local'),
    detectWithinMs,
  };
}

interface Parts {
  readonly runtime: Runtime;
  readonly node: FogataNode;
  readonly unix: UnixEndpoint;
  readonly http: HttpEndpoint;
  readonly dns: AgentDns;
  readonly programs: ProgramEndpoint;
  readonly targets: LocalTargets;
}

/** Work in hand needs its links and connections to the end, so these go last. */
async function stop({ runtime, node, unix, http, dns, programs, targets }: Parts): Promise<void> {
  const release = keepProcessAlive();
  try {
    unix.close();
    dns.close();
    const idle = http.close();
    await node.stop(drainMs);
    targets.close();
    programs.close();
    const farewell = new Promise<void>((resolve) => void runtime.clock.schedule(farewellMs, resolve));
    await Promise.race([Promise.all([idle, allGone(programs, farewell)]), farewell]);
    http.destroy();
  } finally {
    release();
  }
}

function allGone(programs: ProgramEndpoint, farewell: Promise<void>): Promise<void> {
  return programs.count === 0 ? Promise.resolve() : farewell;
}

interface StatusParts extends Pick<Parts, 'node' | 'targets' | 'programs' | 'dns'> {
  readonly config: AgentConfig;
}

function agentStatus({ config, node, targets, programs, dns }: StatusParts): AgentStatus {
  const facts = node.status();
  return {
    ...facts,
    uptimeMs: roundedMs(facts.uptimeMs),
    agent: {
      software: softwareName,
      pid: process.pid,
      http: config.http === undefined ? null : formatHostPort(config.http),
      dns: dns.at ?? null,
      socket: config.socket,
      data: config.data,
      programs: programs.count,
      serves: targets.list().map(({ service, url, by, state }) => ({ service, url, by, state })),
    },
  };
}
