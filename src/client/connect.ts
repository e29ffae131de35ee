import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { agentLocation } from '../api/agent-location.ts';
import { logOf } from '../api/log-of.ts';
import type { Mesh } from '../api/mesh.ts';
import { meshOver } from '../api/mesh-over.ts';
import { createFrameLink } from '../links/create-frame-link.ts';
import type { LinkLoss } from '../links/frame-link.ts';
import { clusterTag } from '../protocol/cluster-tag.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import type { Hello } from '../protocol/hello.ts';
import { noNode } from '../protocol/ids.ts';
import { versionNewest, versionOldest } from '../protocol/version.ts';
import { keepProcessAlive } from '../runtime/keep-alive.ts';
import type { Log } from '../runtime/log.ts';
import { memoryStorage } from '../runtime/memory-storage.ts';
import { systemRuntime } from '../runtime/system-runtime.ts';
import { agentPort } from './agent-port.ts';
import { type AgentTarget, agentTarget } from './agent-target.ts';
import { directMesh } from './direct-mesh.ts';
import { upgradedStream } from './upgraded-stream.ts';

export interface ConnectOptions {
  /** A socket's path, or `http://HOST:PORT`. Default: `FOGATA_AGENT`, else the user's own agent, else the system's. */
  readonly agent?: string;
  /** What this program calls itself towards its agent, for people. Default none. */
  readonly program?: string;
  /**
   * Where the cluster has no key, be a node of its own beside the agent: one hop fewer. With a key nothing changes, because it
   * is the agents'. Default false.
   */
  readonly direct?: boolean;
  /** How long the first link may take. Default 5,000. */
  readonly timeoutMs?: number;
  /** Default: says nothing. */
  readonly log?: Log;
}

const timeoutMsDefault = 5_000;

/** On one host a dead agent is known by its socket at once: this finds only one that is frozen. */
const keepAlive = { intervalMs: 5_000, timeoutMs: 15_000 } as const;

/** A program's hello names no node. Its cluster is the agent's, whatever stands here: the wire wants some name [N7]. */
const clusterUnknown = 'fogata';

/**
 * A place in the cluster through this host's agent. Rejects with FogataError `no-agent` when there is none; later it comes
 * back by itself after the agent did, with its services and watches.
 */
export async function connect(where?: string | ConnectOptions): Promise<Mesh> {
  const options = typeof where === 'string' ? { agent: where } : (where ?? {});
  const agent = options.agent ?? defaultLocation();
  const target = agentTarget(agent);
  const log = logOf(options.log);
  const runtime = systemRuntime({ storage: memoryStorage(), log });
  const linkOptions = {
    clock: runtime.clock,
    hello: helloOf(options.program ?? ''),
    role: 'dialler',
    keepAlive,
    openTimeoutMs: options.timeoutMs ?? timeoutMsDefault,
    admit: (peer: Hello) =>
      peer.role === 'node' ? undefined : ({ reason: 'protocol', text: 'an agent was expected' } as const),
  } as const;
  const dial = () => dialTarget(target, runtime);
  const port = agentPort((events) => createFrameLink(dial(), linkOptions, events), {
    clock: runtime.clock,
    random: runtime.random,
    keepAlive: keepProcessAlive,
    log,
  });
  const loss = await port.reach();
  if (loss !== undefined) throw noAgent(agent, loss);
  const mesh = meshOver(port, { clock: runtime.clock, random: runtime.random, log });
  if (options.direct !== true) return mesh;
  const withinMs = options.timeoutMs ?? timeoutMsDefault;
  try {
    const direct = await directMesh(mesh, await port.status(), { clock: runtime.clock, log, withinMs });
    if (direct === undefined) return mesh;
    await mesh.close();
    return direct;
  } catch (error) {
    // Else it would look for its agent for ever, and keep the process alive.
    await mesh.close();
    throw error;
  }
}

function dialTarget(target: AgentTarget, runtime: ReturnType<typeof systemRuntime>) {
  return 'path' in target ? runtime.streams.connect(target) : upgradedStream(target, runtime);
}

function defaultLocation(): string {
  return agentLocation({ env: process.env, uid: process.getuid?.(), home: homedir() }, existsSync);
}

function helloOf(program: string): Hello {
  return {
    versionOldest,
    versionNewest,
    clusterTag: clusterTag(clusterUnknown),
    role: 'program',
    node: noNode,
    incarnation: 0,
    nodePort: 0,
    nodeName: '',
    clusterName: clusterUnknown,
    software: program === '' ? 'fogata' : `${program} (fogata)`,
  };
}

function noAgent(agent: string, loss: LinkLoss): FogataError {
  if (loss.kind === 'incompatible') return new FogataError('incompatible', `the agent at ${agent}: ${loss.text}`);
  if (/\bEACCES\b|\bEPERM\b/.test(loss.text)) {
    return new FogataError('no-agent', `this user may not use the agent at ${agent}: run as the user that runs it`);
  }
  if (/\b(?:ENOENT|ECONNREFUSED)\b/.test(loss.text)) {
    return new FogataError('no-agent', `no agent at ${agent}. Start one with: fogata up`);
  }
  // Somebody is there: a second agent would find its place taken.
  return new FogataError('no-agent', `cannot use the agent at ${agent}: ${loss.text}`);
}
