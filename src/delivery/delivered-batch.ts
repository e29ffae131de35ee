import { DeliveredWriter } from '../protocol/delivered.ts';
import type { DeliveryReply } from './provider.ts';
import { type SendBatch, TurnBatch } from './turn-batch.ts';

/**
 * A one-way message is in hand, and nothing more is to be said. Whoever says it says this very object: by that it is known
 * for a reply that may go with others in one frame.
 */
export const bareDelivered: DeliveryReply = Object.freeze({
  outcome: 'delivered',
  code: undefined,
  reason: '',
  params: Object.freeze({}),
  bodyKind: 'none',
  body: new Uint8Array(0),
});

/** Gathers for one link what is delivered within a turn, and sends it at its end: one frame for all [F15]. */
export class DeliveredBatch {
  private readonly writer = new DeliveredWriter();
  private readonly batch: TurnBatch;
  private service = '';
  private nodes: readonly string[] = [];

  /** `loadOf`: of the instance that has it, at the end of the turn. */
  constructor(send: SendBatch, loadOf: (service: string) => number | undefined) {
    const { writer } = this;
    this.batch = new TurnBatch(writer.correlations, () => writer.view(loadOf(this.service)), send);
  }

  /** How many wait for the end of the turn. */
  get count(): number {
    return this.writer.correlations.count;
  }

  /** `nodes`: the same array as long as they are the same, or each has a frame of its own. Their names are valid. */
  add(correlation: number, service: string, nodes: readonly string[]): void {
    if (service !== this.service || nodes !== this.nodes) {
      this.batch.flush();
      this.service = service;
      this.nodes = nodes;
      this.writer.begin(service, nodes);
    }
    this.batch.add(correlation);
  }

  /** Sends what there is now. */
  flush(): void {
    this.batch.flush();
  }
}
