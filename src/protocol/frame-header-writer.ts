import { deadlineWord, type FrameFields, FrameOffset, readU32 } from './frame.ts';
import { type NodeId, nodeIdBytes, noNode, writeNodeId } from './ids.ts';
import { frameBytesMin } from './limits.ts';

const noBytes = new Uint8Array(0);

/**
 * `writeFrameHeader` for those who write many, mostly into the same bytes: words and not bytes are written, and frames of one link
 * nearly always bear the same two ids again.
 */
export class FrameHeaderWriter {
  private readonly to = new IdWords();
  private readonly from = new IdWords();
  private bytes: Uint8Array = noBytes;
  private view: DataView = new DataView(noBytes.buffer);

  /** Writes 32 bytes at `offset`; `restBytes` is how many follow them. The caller has checked that there is room. */
  write(bytes: Uint8Array, offset: number, fields: FrameFields, restBytes: number): void {
    if (bytes !== this.bytes) this.look(bytes);
    const { view } = this;
    view.setUint32(offset, frameBytesMin + restBytes);
    // The reserved byte is 0.
    view.setUint32(offset + FrameOffset.kind, (fields.kind << 24) | (fields.flags << 16) | (fields.hops << 8));
    this.to.write(view, offset + FrameOffset.to, fields.to);
    this.from.write(view, offset + FrameOffset.from, fields.from);
    view.setUint32(offset + FrameOffset.correlation, fields.correlation);
    view.setUint32(offset + FrameOffset.deadline, deadlineWord(fields.deadlineMs));
  }

  private look(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}

/** The last id as two numbers. */
class IdWords {
  private id: NodeId = noNode;
  private high = 0;
  private low = 0;
  private readonly digits = new Uint8Array(nodeIdBytes);

  write(view: DataView, at: number, id: NodeId): void {
    if (id !== this.id) {
      writeNodeId(this.digits, 0, id);
      this.high = readU32(this.digits, 0);
      this.low = readU32(this.digits, 4);
      this.id = id;
    }
    view.setUint32(at, this.high);
    view.setUint32(at + 4, this.low);
  }
}
