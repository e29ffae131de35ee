import type { BodyKind } from '../protocol/body.ts';
import { noTexts } from '../protocol/text-record.ts';
import type { ExchangeRequest } from './exchange-request.ts';

/** So many are looked at one after the other, beginning with the one found last: more would cost what it saves. */
const headsMax = 8;

interface WrittenHead {
  readonly service: string;
  readonly node: string;
  readonly command: string;
  readonly fromService: string;
  readonly bodyKind: BodyKind;
  readonly bytes: Uint8Array;
}

/**
 * Heads of messages without parameters that were written a moment ago: what is said of the next one is mostly the same, but for
 * its id and its attempt, which the caller puts in place.
 */
export class MessageHeads {
  private readonly heads: WrittenHead[] = [];
  private latest = 0;
  private oldest = 0;

  find(request: ExchangeRequest): Uint8Array | undefined {
    if (request.params !== noTexts) return undefined;
    const { heads } = this;
    const latest = heads[this.latest];
    if (latest === undefined) return undefined;
    if (isOf(latest, request)) return latest.bytes;
    const at = heads.findIndex((head) => isOf(head, request));
    if (at < 0) return undefined;
    this.latest = at;
    return heads[at]?.bytes;
  }

  /** Only for one without parameters. `bytes` are kept as they are. */
  add({ to, command, fromService, bodyKind }: ExchangeRequest, bytes: Uint8Array): void {
    const { service, node } = to;
    this.heads[this.oldest] = { service, node, command, fromService, bodyKind, bytes };
    this.latest = this.oldest;
    this.oldest = (this.oldest + 1) % headsMax;
  }
}

function isOf(head: WrittenHead, { to, command, fromService, bodyKind }: ExchangeRequest): boolean {
  if (head.command !== command || head.service !== to.service || head.node !== to.node) return false;
  return head.bodyKind === bodyKind && head.fromService === fromService;
}
