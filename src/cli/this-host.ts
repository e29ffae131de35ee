import type { AgentStatus } from '../agent/agent-status.ts';
import type { UpFlags } from '../agent/up-flags.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { keepProcessAlive } from '../runtime/keep-alive.ts';
import { systemErrorCode } from '../runtime/system-error.ts';
import type { VerbContext } from './verb-context.ts';

/** Which host's key a verb is about: the same settings as `fogata up` has. */
export interface HostFlags extends Pick<UpFlags, 'cluster' | 'data'> {
  readonly config?: string;
}

export interface ThisHost {
  /** The socket of the agent that runs over the data directory; `undefined` when none does. */
  readonly agent: string | undefined;
  readonly data: string;
  /** As asked for; `undefined`: whatever is usual. */
  readonly cluster: string | undefined;
}

/** How long an agent may take to go on under another key. */
const switchTimeoutMs = 15_000;
const switchLookMs = 100;

/** Finds out whether an agent is running here, and where the key is kept. */
export async function thisHost(context: VerbContext, flags: HostFlags): Promise<ThisHost> {
  const { systemSurroundings } = await import('../agent/resolve-config.ts');
  const { loadConfig } = await import('../agent/load-config.ts');
  const { data, cluster } = await loadConfig(flags, systemSurroundings());
  const socket = await context.agentSocket();
  try {
    const status = await statusOf(socket);
    const isMeant = flags.data === undefined || status.agent.data === data;
    return { agent: isMeant ? socket : undefined, data: isMeant ? status.agent.data : data, cluster };
  } catch (error) {
    const failure = FogataError.from(error);
    const isForbidden = ['EACCES', 'EPERM'].includes(systemErrorCode(failure.cause) ?? '');
    if (failure.code !== 'no-agent' || isForbidden) throw failure;
    return { agent: undefined, data, cluster };
  }
}

async function statusOf(socket: string): Promise<AgentStatus> {
  const { askAgent } = await import('../client/ask-agent.ts');
  return (await askAgent(socket, 'GET', '/v1/status')) as AgentStatus;
}

/** Waits until the agent has gone on as a node of that cluster, sealed. */
export async function agentSwitched(socket: string, cluster: string): Promise<void> {
  const { systemClock } = await import('../runtime/system-clock.ts');
  const clock = systemClock();
  const endAt = clock.now() + switchTimeoutMs;
  const release = keepProcessAlive();
  try {
    while (clock.now() < endAt) {
      const status = await statusOf(socket).catch(() => undefined);
      if (status?.posture === 'sealed' && status.cluster === cluster) return;
      await new Promise<void>((resolve) => void clock.schedule(switchLookMs, resolve));
    }
  } finally {
    release();
  }
  throw new FogataError('deadline', 'the key is stored, but the agent has not gone on with it: look into its log');
}

/** Changes the key of a host whose agent is not running. */
export async function withData<Value>(data: string, change: () => Promise<Value>): Promise<Value> {
  const { lockData } = await import('../agent/data-lock.ts');
  const lock = await lockData(data);
  try {
    return await change();
  } finally {
    await lock.release();
  }
}
