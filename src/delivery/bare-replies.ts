import { bodyKinds } from '../protocol/body.ts';
import { bodyBytesMax, servicesMax } from '../protocol/limits.ts';
import { setReplyLoad } from '../protocol/reply-head.ts';
import { noTexts } from '../protocol/text-record.ts';
import { Writer } from '../protocol/writer.ts';
import type { DeliveryReply } from './provider.ts';
import { writeReply } from './write-reply.ts';

/**
 * Heads of replies that say nothing but that all went well: they are the same for each message of a service, but for the load,
 * which is put in place. Any other reply is written anew.
 */
export class BareReplies {
  private readonly node: string;
  private readonly ofServices = new Map<string, (Uint8Array | undefined)[]>();
  // Replies of one service mostly follow each other.
  private lastService = '';
  private lastHeads: (Uint8Array | undefined)[] | undefined = undefined;

  constructor(node: string) {
    this.node = node;
  }

  /** Valid until the next one of that service. Undefined: it says more. */
  find(said: DeliveryReply, service: string, load: number | undefined): Uint8Array | undefined {
    const { outcome, code, reason, params, bodyKind, body } = said;
    if (params !== noTexts || code !== undefined || reason !== '' || body.length > bodyBytesMax) return undefined;
    if (outcome !== 'answered' && outcome !== 'delivered') return undefined;
    const at = 2 * bodyKinds.indexOf(bodyKind) + (outcome === 'answered' ? 0 : 1);
    if (service !== this.lastService) {
      this.lastService = service;
      this.lastHeads = this.ofServices.get(service);
    }
    const head = this.lastHeads?.[at] ?? this.write(said, service, at);
    setReplyLoad(head, 0, load);
    return head;
  }

  private write(said: DeliveryReply, service: string, at: number): Uint8Array {
    const writer = new Writer(256);
    writeReply(writer, said, { load: undefined, service, node: this.node });
    let heads = this.ofServices.get(service);
    if (heads === undefined) {
      if (this.ofServices.size >= servicesMax) this.ofServices.clear();
      heads = new Array<undefined>(2 * bodyKinds.length).fill(undefined);
      this.ofServices.set(service, heads);
      this.lastHeads = heads;
    }
    const head = writer.copy();
    heads[at] = head;
    return head;
  }
}
