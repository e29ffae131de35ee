import type { CorrelationsWriter } from '../protocol/correlations.ts';

/** Takes the rest of a frame, and the correlation for its header. `rest` is valid only during the call. */
export type SendBatch = (first: number, rest: Uint8Array) => void;

/** Gathers the messages of one frame, and has it sent at the end of the turn or once it is full. */
export class TurnBatch {
  private readonly correlations: CorrelationsWriter;
  private readonly view: () => Uint8Array;
  private readonly send: SendBatch;
  private readonly onTurnEnd = (): void => {
    this.isScheduled = false;
    this.flush();
  };
  private isScheduled = false;

  /** `view`: the rest of the frame as it is. */
  constructor(correlations: CorrelationsWriter, view: () => Uint8Array, send: SendBatch) {
    this.correlations = correlations;
    this.view = view;
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
    const { correlations } = this;
    if (correlations.count === 0) return;
    const { first } = correlations;
    const rest = this.view();
    // Before they go: who hears of it asks how many wait, and may have more.
    correlations.again();
    this.send(first, rest);
  }
}
