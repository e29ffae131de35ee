import { isNodeId, type NodeId, nodeIdBytes, nodeIdFrom, noNode } from '../protocol/ids.ts';
import { integerMax } from '../protocol/limits.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** Who a node is over its restarts. */
export interface NodeIdentity {
  readonly id: NodeId;
  /** Higher with every start ([M2]). */
  readonly incarnation: number;
}

const storageKey = 'identity';

/**
 * What is stored is the incarnation at the start; a run raises it with each refutation, at most 4 times a second. Where the
 * clock was set back meanwhile the next start must still be above all of them: two runs of one incarnation would both be
 * believed, each by some. This is enough for three days of refuting.
 */
const incarnationsOfRun = 2 ** 20;

/** What is stored above this was not written by a clock: it lies 140,000 years ahead. */
const incarnationMax = integerMax / 2;

/**
 * The stored identity under a higher incarnation, or a new one. A store that cannot be read or written costs only the
 * memory of who this was: it is logged, and the node starts under a new id.
 */
export async function loadIdentity(runtime: Runtime, fixedId: NodeId | undefined): Promise<NodeIdentity> {
  const stored = await read(runtime);
  const id = fixedId ?? stored?.id ?? nodeIdFrom(runtime.random.bytes(nodeIdBytes));
  const atLeast = stored !== undefined && stored.id === id ? stored.incarnation + incarnationsOfRun : 1;
  const identity = { id, incarnation: Math.max(atLeast, Math.floor(runtime.clock.wallTime())) };
  try {
    await runtime.storage.write(storageKey, new TextEncoder().encode(`${JSON.stringify(identity)}\n`));
  } catch (error) {
    const isKept = id === fixedId || id === stored?.id;
    const consequence = isKept ? 'its start cannot be stored' : 'it will have another id after a restart';
    runtime.log.warn(`the identity of this node cannot be written: ${consequence}`, { error });
  }
  return identity;
}

async function read(runtime: Runtime): Promise<NodeIdentity | undefined> {
  try {
    const bytes = await runtime.storage.read(storageKey);
    if (bytes === undefined) return undefined;
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const { id, incarnation } = value as Partial<Record<'id' | 'incarnation', unknown>>;
    if (
      typeof id === 'string' &&
      isNodeId(id) &&
      id !== noNode &&
      typeof incarnation === 'number' &&
      Number.isSafeInteger(incarnation) &&
      // There must be room for the starts to come.
      incarnation <= incarnationMax
    ) {
      return { id, incarnation };
    }
    runtime.log.warn('the stored identity makes no sense and is replaced', { key: storageKey });
  } catch (error) {
    runtime.log.warn('the stored identity cannot be read and is replaced', { key: storageKey, error });
  }
  return undefined;
}
