import type { Log } from '../runtime/log.ts';
import type { AgentConfig } from './agent-config.ts';
import type { AgentStatus } from './agent-status.ts';
import { type RunningAgent, startAgent } from './start-agent.ts';

/** An agent that goes on under another key when it is told to. */
export interface LastingAgent {
  status(): AgentStatus;
  /** Rejects when it could not start again. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

/**
 * Keeps an agent running. `init` and `join` change who it is: then it is stopped in order and started again within this
 * process, with its socket, ports and programs where they were. Programs that are linked come back by themselves.
 */
export async function runAgent(config: AgentConfig, log: Log): Promise<LastingAgent> {
  let fail = (_error: unknown): void => undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);
  let stopped = false;
  let restarting: Promise<void> | undefined;

  async function restart(change: () => Promise<void>): Promise<void> {
    await agent.stop();
    await change();
    if (stopped) return;
    agent = await startAgent(config, log, restartWith);
    const { cluster, posture } = agent.status();
    log.info('the agent goes on under another key', { cluster, posture });
  }

  function restartWith(change: () => Promise<void>): void {
    restarting = (restarting ?? Promise.resolve()).then(() => restart(change));
    restarting.catch(fail);
  }

  let agent: RunningAgent = await startAgent(config, log, restartWith);
  return {
    status: () => agent.status(),
    failed,
    async stop() {
      stopped = true;
      await restarting?.catch(() => undefined);
      await agent.stop();
    },
  };
}
