import type { MessageId } from '../protocol/ids.ts';
import type { Random } from '../runtime/random.ts';

/** Ids that are unique in the world: 8 random bytes of this process and a count. Cheaper than fresh chance for each. */
export function createMessageIds(random: Random): () => MessageId {
  const prefix = Array.from(random.bytes(8), (byte) => byte.toString(16).padStart(2, '0')).join('');
  let count = 0;
  return () => {
    count += 1;
    return (prefix + count.toString(16).padStart(16, '0')) as MessageId;
  };
}
