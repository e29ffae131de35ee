import { describe, expect, it } from 'vitest';
import {
  isMessageId,
  isNodeId,
  messageIdFrom,
  type NodeId,
  nodeIdFrom,
  noNode,
  readMessageId,
  readNodeId,
  writeMessageId,
  writeNodeId,
} from './ids.ts';

const counting = Uint8Array.from({ length: 20 }, (_, i) => i * 13);

describe('[N2] ids', () => {
  it('are lower-case hexadecimal', () => {
    expect(isNodeId('00112233445566ff')).toBe(true);
    for (const text of ['', '00112233445566FF', '00112233445566f', '00112233445566ff0', '00112233445566fg']) {
      expect(isNodeId(text), text).toBe(false);
    }
    expect(isMessageId('0'.repeat(32))).toBe(true);
    expect(isMessageId('0'.repeat(31))).toBe(false);
  });

  it('are read and written at an offset', () => {
    expect(readNodeId(counting, 2)).toBe('1a2734414e5b6875');
    expect(readMessageId(counting, 1)).toBe('0d1a2734414e5b6875828f9ca9b6c3d0');
    const bytes = new Uint8Array(20);
    writeNodeId(bytes, 2, readNodeId(counting, 2));
    expect(bytes.slice(2, 10)).toEqual(counting.slice(2, 10));
    writeMessageId(bytes, 1, readMessageId(counting, 1));
    expect(bytes.slice(1, 17)).toEqual(counting.slice(1, 17));
    expect([bytes[0], bytes[17]]).toEqual([0, 0]);
  });

  it('go through every byte value', () => {
    for (let byte = 0; byte < 256; byte++) {
      const bytes = new Uint8Array(8).fill(byte);
      const back = new Uint8Array(8);
      writeNodeId(back, 0, readNodeId(bytes, 0));
      expect(back).toEqual(bytes);
    }
  });

  it('are made of random bytes, and a node never gets the zero id', () => {
    expect(nodeIdFrom(counting)).toBe('000d1a2734414e5b');
    expect(nodeIdFrom(new Uint8Array(8))).not.toBe(noNode);
    expect(messageIdFrom(counting)).toHaveLength(32);
    expect(() => nodeIdFrom(new Uint8Array(7))).toThrow(RangeError);
    expect(() => messageIdFrom(new Uint8Array(15))).toThrow(RangeError);
  });

  it('that are none are written without leaving their place', () => {
    const bytes = new Uint8Array(9);
    writeNodeId(bytes, 0, 'zzzzéééé—————' as NodeId);
    expect(bytes[8]).toBe(0);
  });
});
