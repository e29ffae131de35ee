import { type FrameFields, FrameOffset, readU32, setFrameCorrelation, setFrameDeadline, writeU32 } from './frame.ts';
import { type NodeId, nodeIdBytes, noNode, writeNodeId } from './ids.ts';
import { frameBytesMin } from './limits.ts';

/** `writeFrameHeader` for those who write many: frames of one link nearly always bear the same two ids again. */
export class FrameHeaderWriter {
  private readonly to = new IdWords();
  private readonly from = new IdWords();

  /** Writes 32 bytes at `offset`; `restBytes` is how many follow them. The caller has checked that there is room. */
  write(bytes: Uint8Array, offset: number, fields: FrameFields, restBytes: number): void {
    writeU32(bytes, offset, frameBytesMin + restBytes);
    bytes[offset + FrameOffset.kind] = fields.kind;
    bytes[offset + FrameOffset.flags] = fields.flags;
    bytes[offset + FrameOffset.hops] = fields.hops;
    bytes[offset + FrameOffset.reserved] = 0;
    this.to.write(bytes, offset + FrameOffset.to, fields.to);
    this.from.write(bytes, offset + FrameOffset.from, fields.from);
    setFrameCorrelation(bytes, offset, fields.correlation);
    setFrameDeadline(bytes, offset, fields.deadlineMs);
  }
}

/** The last id as two numbers. */
class IdWords {
  private id: NodeId = noNode;
  private high = 0;
  private low = 0;
  private readonly digits = new Uint8Array(nodeIdBytes);

  write(bytes: Uint8Array, at: number, id: NodeId): void {
    if (id !== this.id) {
      writeNodeId(this.digits, 0, id);
      this.high = readU32(this.digits, 0);
      this.low = readU32(this.digits, 4);
      this.id = id;
    }
    writeU32(bytes, at, this.high);
    writeU32(bytes, at + 4, this.low);
  }
}
