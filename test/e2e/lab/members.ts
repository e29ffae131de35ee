import type { Agent } from './agent.ts';
import { untilTrue } from './until.ts';

/** The state of a node as an agent sees it; undefined when it knows none of that name. */
export async function stateAt(agent: Agent, name: string): Promise<string | undefined> {
  const { nodes } = await agent.nodes();
  return nodes.find((node) => node.name === name)?.state;
}

/** Waits until exactly these, itself among them, are alive for it. */
export async function seesAll(agent: Agent, names: readonly string[], withinMs = 10_000): Promise<void> {
  const wanted = [...names].sort().join(' ');
  await untilTrue(`${agent.name} sees ${wanted}`, withinMs, async () => {
    const { nodes } = await agent.nodes();
    const alive = nodes.filter((node) => node.state === 'alive').map((node) => node.name);
    return alive.sort().join(' ') === wanted;
  });
}

/** By which methods an agent has found a node. */
export async function foundBy(agent: Agent, name: string): Promise<string[]> {
  const { nodes } = await agent.nodes();
  const methods = nodes.find((node) => node.name === name)?.foundBy.map(({ method }) => method) ?? [];
  return [...new Set(methods)].sort();
}
