import { AlikeWriter } from '../protocol/alike.ts';
import { type SendBatch, TurnBatch } from './turn-batch.ts';

/** Gathers for one link messages that all get the same reply within a turn, and sends it at its end: one frame for all [F17]. */
export class AlikeBatch {
  private readonly writer = new AlikeWriter();
  private readonly batch: TurnBatch;
  private reply: Uint8Array | undefined = undefined;

  constructor(send: SendBatch) {
    const { writer } = this;
    this.batch = new TurnBatch(writer.correlations, () => writer.view(), send);
  }

  /** How many wait for the end of the turn. */
  get count(): number {
    return this.writer.correlations.count;
  }

  /** `reply`: the rest of its frame, of 65,535 bytes at most; the same object as long as it is the same. */
  add(correlation: number, reply: Uint8Array): void {
    if (reply !== this.reply) {
      this.batch.flush();
      this.reply = reply;
      this.writer.begin(reply);
    }
    this.batch.add(correlation);
  }

  /** Sends what there is now. */
  flush(): void {
    this.batch.flush();
  }
}
