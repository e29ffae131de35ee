import type { CorrelationsWriter } from '../protocol/correlations.ts';

/** Gathers the messages of one frame, and has it sent at the end of the turn or once it is full. */
export class TurnBatch {
  private readonly correlations: CorrelationsWriter;
  private readonly send: () => void;
  private readonly onTurnEnd = (): void => {
    this.isScheduled = false;
    this.flush();
  };
  private isScheduled = false;

  /** `send` sends the frame as it is; its messages are forgotten then. */
  constructor(correlations: CorrelationsWriter, send: () => void) {
    this.correlations = correlations;
    this.send = send;
  }

  add(correlation: number): void {
    if (!this.correlations.add(correlation)) {
      this.flush();
      this.correlations.add(correlation);
    }
    if (this.isScheduled) return;
    this.isScheduled = true;
    queueMicrotask(this.onTurnEnd);
  }

  /** Sends what there is now. */
  flush(): void {
    if (this.correlations.count === 0) return;
    this.send();
    this.correlations.again();
  }
}
