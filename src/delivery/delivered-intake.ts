import { ReceivedDelivered } from '../protocol/delivered.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { Reader } from '../protocol/reader.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Chooser } from './chooser.ts';
import { deliveredSettlement, type Exchange } from './exchange.ts';
import type { OnOwnerFault } from './owner-fault.ts';
import type { Publications } from './publications.ts';
import type { Settlement } from './settlement.ts';

export interface DeliveredIntakeOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly chooser: Pick<Chooser, 'noteLoad'>;
  readonly reader: Reader;
  readonly find: (correlation: number) => Exchange | undefined;
  readonly publications: Pick<Publications, 'find' | 'delivered'>;
  /** It is under way no more. */
  readonly take: (exchange: Exchange, now: number) => void;
  /** A reply nobody waits for ([F6]). */
  readonly stray: () => void;
  readonly onOwnerFault: OnOwnerFault;
}

/** Takes the delivered frames of peers: many replies in one [F15]. Returns a fault when one is malformed. */
export function createDeliveredIntake(
  options: DeliveredIntakeOptions,
): (peer: NodeId, frame: ReceivedFrame) => string | undefined {
  const { clock, chooser, reader, find, publications, take, stray, onOwnerFault } = options;
  const delivered = new ReceivedDelivered();

  function findExchange(peer: NodeId, correlation: number): Exchange | undefined {
    const exchange = find(correlation);
    return exchange?.chosen?.node === peer ? exchange : undefined;
  }

  return (peer, frame) => {
    const malformed = delivered.read(frame, reader);
    if (malformed !== undefined) return `bad delivered: ${malformed}`;
    const { nodes, load, correlations } = delivered;
    const { values, count } = correlations;
    if (nodes.length > 1) return 'bad delivered: between nodes it names one';
    // One object for all of them: nobody may change it.
    const instance = Object.freeze({ service: delivered.service, node: nodes[0] as string });
    const now = clock.now();
    let loadToNote = load;
    for (let i = 0; i < count; i++) {
      const correlation = values[i] as number;
      const publication = publications.find(peer, correlation);
      const exchange = publication === undefined ? findExchange(peer, correlation) : undefined;
      const service = (publication ?? exchange)?.request.to.service;
      if (service === undefined) {
        stray();
        continue;
      }
      if (loadToNote !== undefined) chooser.noteLoad(peer, service, loadToNote);
      loadToNote = undefined;
      try {
        if (publication !== undefined) publications.delivered(publication, peer, now);
        else if (exchange !== undefined) {
          take(exchange, now);
          tell(exchange, instance, now);
        }
      } catch (error) {
        onOwnerFault('a settlement', error);
      }
    }
    return undefined;
  };
}

/** Where something was tried before there is more to tell than that. */
function tell(exchange: Exchange, instance: NonNullable<Settlement['instance']>, now: number): void {
  const { encoded } = exchange.request;
  if (encoded !== undefined && exchange.tried.length === 0) encoded.delivered(instance.node, exchange.only);
  else exchange.settle(deliveredSettlement(exchange, instance, now), exchange.only);
}
