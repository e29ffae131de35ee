import { type MessageId, readNodeId } from '../protocol/ids.ts';
import type { Random } from '../runtime/random.ts';

/** Ids that are unique in the world: 8 random bytes of this process and a count. Cheaper than fresh chance for each. */
export function createMessageIds(random: Random): () => MessageId {
  const prefix: string = readNodeId(random.bytes(8), 0);
  const count = new Uint8Array(8);
  return () => {
    for (let at = 7; at >= 0; at--) {
      count[at] = ((count[at] as number) + 1) & 0xff;
      if (count[at] !== 0) break;
    }
    return (prefix + readNodeId(count, 0)) as MessageId;
  };
}
