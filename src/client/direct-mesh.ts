import type { Mesh } from '../api/mesh.ts';
import type { Posture, ServicesView } from '../api/views.ts';
import { join } from '../node/join.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';

/** What of an agent's status says how to stand beside it. */
export interface AgentFacts {
  readonly cluster: string;
  readonly posture: Posture;
  /** Of its node. */
  readonly port: number;
}

/** How often the two views are compared: the first time nearly always suffices. */
const lookMs = 20;

/**
 * A node of this program's own in the cluster of its agent, which then is one hop nearer to all others. Undefined where the
 * cluster has a key: that is the agents', and a program beside one has none (docs/adr/0012-direct-is-a-node.md). Resolves once it
 * knows of every instance that the agent knows, or after `withinMs`.
 */
export async function directMesh(
  agent: Mesh,
  { cluster, posture, port }: AgentFacts,
  tools: { readonly clock: Clock; readonly log: Log; readonly withinMs: number },
): Promise<Mesh | undefined> {
  if (posture === 'sealed') {
    tools.log.info('the cluster has a key, so this program goes through its agent', { cluster });
    return undefined;
  }
  const { clock, log, withinMs } = tools;
  const mesh = await join({ cluster, open: posture === 'open', seeds: [`127.0.0.1:${port}`], log });
  const endAt = clock.now() + withinMs;
  try {
    while (!knowsAll(await mesh.services(), await agent.services()) && clock.now() < endAt) {
      await new Promise<void>((resolve) => void clock.schedule(lookMs, resolve));
    }
    return mesh;
  } catch (error) {
    await mesh.close();
    throw error;
  }
}

function knowsAll(own: ServicesView, agents: ServicesView): boolean {
  const known = new Set(namesOf(own));
  return namesOf(agents).every((name) => known.has(name));
}

function namesOf({ services }: ServicesView): string[] {
  return services.flatMap(({ name, instances }) => instances.map(({ node }) => `${name}@${node}`));
}
