import type { Delivery } from '../delivery/provider.ts';
import type { BodyValue } from '../protocol/body.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import type { Params } from './outcome.ts';
import type { Message } from './serve.ts';

/** A delivery as its handler sees it. The signal is made when it is asked for: most handlers never do. */
export class ReceivedMessage implements Message {
  readonly id: string;
  readonly from: Message['from'];
  readonly service: string;
  readonly command: string;
  readonly params: Params;
  readonly body: BodyValue;
  readonly replyWanted: boolean;
  readonly deadlineMs: number;
  private controller: AbortController | undefined;
  private gaveUp = false;

  /** `from`: who sent it; not to be changed by anybody. */
  constructor(delivery: Delivery, body: BodyValue, from: Message['from']) {
    const { head } = delivery;
    this.id = head.id;
    this.from = from;
    this.service = head.service;
    this.command = head.command;
    this.params = head.params;
    this.body = body;
    this.replyWanted = delivery.replyWanted;
    this.deadlineMs = delivery.deadlineMs;
  }

  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.gaveUp) this.controller.abort(reason());
    }
    return this.controller.signal;
  }

  /** Nobody waits for the answer any more. */
  giveUp(): void {
    this.gaveUp = true;
    this.controller?.abort(reason());
  }
}

function reason(): FogataError {
  return new FogataError('cancelled', 'the caller gave up, was lost, or the deadline passed');
}
