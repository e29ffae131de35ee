import { AlikeWriter } from '../protocol/alike.ts';
import type { SendDelivered } from './delivered-batch.ts';

/** Gathers for one link messages that all get the same reply within a turn, and sends it at its end: one frame for all [F17]. */
export class AlikeBatch {
  private readonly send: SendDelivered;
  private readonly writer = new AlikeWriter();
  private readonly onTurnEnd = (): void => {
    this.isScheduled = false;
    this.flush();
  };
  private reply: Uint8Array | undefined = undefined;
  private isScheduled = false;

  constructor(send: SendDelivered) {
    this.send = send;
  }

  /** How many wait for the end of the turn. */
  get count(): number {
    return this.writer.count;
  }

  /** `reply`: the rest of its frame, of 65,535 bytes at most; the same object as long as it is the same. */
  add(correlation: number, reply: Uint8Array): void {
    if (reply !== this.reply) {
      this.flush();
      this.reply = reply;
      this.writer.begin(reply);
    }
    if (!this.writer.add(correlation)) {
      this.flush();
      this.writer.add(correlation);
    }
    if (this.isScheduled) return;
    this.isScheduled = true;
    queueMicrotask(this.onTurnEnd);
  }

  private flush(): void {
    const { writer } = this;
    if (writer.count === 0) return;
    this.send(writer.first, writer.view());
    writer.again();
  }
}
