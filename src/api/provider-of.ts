import { bareDelivered } from '../delivery/delivered-batch.ts';
import type { Delivery, DeliveryReply, Provider, Respondent } from '../delivery/provider.ts';
import { fromBody } from '../protocol/body.ts';
import type { Log } from '../runtime/log.ts';
import { choiceByCommand } from './choice-by-command.ts';
import { answeredReply, refusedReply, thrownReply } from './delivery-reply.ts';
import { ReceivedMessage } from './received-message.ts';
import type { CommandTable, Handler, Message } from './serve.ts';

/** A provider, and the work its handlers have in hand: a one-way message is settled before its handler is done. */
export interface HandlerProvider {
  readonly provider: Provider;
  /** Resolves once no handler is at work. */
  idle(): Promise<void>;
}

/** Throws FogataError `invalid` for a table with a bad command. */
export function providerOf(
  served: Handler | CommandTable,
  options: { readonly inFlightMax: number; readonly log: Log } & Pick<Provider, 'open' | 'missed'>,
): HandlerProvider {
  const handlerOf = choiceByCommand<Handler>(served);
  const idlers: (() => void)[] = [];
  let atWork = 0;
  /** Messages of one sender mostly follow each other. */
  let lastFrom: Message['from'] = Object.freeze({ node: '', service: '' });

  function begin(): void {
    atWork += 1;
  }

  function end(): void {
    atWork -= 1;
    if (atWork === 0 && idlers.length > 0) for (const resolve of idlers.splice(0)) resolve();
  }

  function fromOf({ fromNode, fromService }: Delivery['head']): Message['from'] {
    if (lastFrom.node !== fromNode || lastFrom.service !== fromService) {
      lastFrom = Object.freeze({ node: fromNode, service: fromService });
    }
    return lastFrom;
  }

  function take(delivery: Delivery, to: Respondent): () => void {
    const handler = handlerOf(delivery.head.command);
    if (handler === undefined) return answer(to, unknownCommand(delivery));
    // The node counts what is not settled; a one-way message is settled early and counts here.
    if (atWork >= options.inFlightMax) {
      options.missed?.(1);
      return answer(to, refusedReply('busy', `${atWork} messages are in hand`));
    }
    const body = fromBody(delivery.head.bodyKind, delivery.body);
    if (!body.ok) return answer(to, refusedReply('invalid', `the body is not the ${delivery.head.bodyKind} it says`));
    const message = new ReceivedMessage(delivery, body.value, fromOf(delivery.head));
    begin();
    try {
      const result = handler(message);
      if (isPromise(result)) {
        if (!delivery.replyWanted) to.respond(bareDelivered);
        result.then(
          (reply) => {
            if (delivery.replyWanted) to.respond(answeredReply(reply));
            end();
          },
          (error: unknown) => {
            if (delivery.replyWanted) to.respond(thrownReply(error));
            else logFailure(options.log, delivery, error);
            end();
          },
        );
        return () => message.giveUp();
      }
      to.respond(delivery.replyWanted ? answeredReply(result) : bareDelivered);
    } catch (error) {
      to.respond(thrownReply(error));
    }
    end();
    return nothingToCancel;
  }

  return {
    provider: {
      deliver: (delivery, respond) => take(delivery, { respond }),
      take,
      open: options.open,
      missed: options.missed,
    },
    idle: () => (atWork === 0 ? Promise.resolve() : new Promise((resolve) => idlers.push(resolve))),
  };
}

function isPromise<Value>(value: Value | Promise<Value>): value is Promise<Value> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function answer(to: Respondent, reply: DeliveryReply): () => void {
  to.respond(reply);
  return nothingToCancel;
}

function unknownCommand({ head }: Delivery): DeliveryReply {
  return refusedReply('unknown-command', `${head.service} knows no command ${head.command}`);
}

function nothingToCancel(): void {}

function logFailure(log: Log, { head }: Delivery, error: unknown): void {
  const { service, command, id } = head;
  log.warn('a handler failed after its one-way message was delivered', { service, command, id, error });
}
