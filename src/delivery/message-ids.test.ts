import { describe, expect, it } from 'vitest';
import { readMessageId } from '../protocol/ids.ts';
import { systemRandom } from '../runtime/system-random.ts';
import { MessageIds } from './message-ids.ts';

describe('ids of messages', () => {
  it('are counted up, each with the text of its bytes', () => {
    const ids = new MessageIds(systemRandom());
    const begin = ids.lastBytes.slice(0, 8);
    const seen = new Set<string>();
    for (let count = 1; count <= 66_000; count++) {
      const id = ids.next();
      // All where bytes are carried over, and some of the rest.
      if (count % 256 < 2 || count % 251 === 0) {
        expect(id).toBe(readMessageId(ids.lastBytes, 0));
        const { buffer } = ids.lastBytes;
        expect(new DataView(buffer).getBigUint64(8)).toBe(BigInt(count));
      }
      seen.add(id);
    }
    expect(seen.size).toBe(66_000);
    expect(ids.lastBytes.slice(0, 8)).toEqual(begin);
  });
});
