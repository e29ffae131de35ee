import type { ErrorCode } from '../protocol/error-code.ts';
import type { DeliveryReply } from './provider.ts';

/** A message in the hands of one that passes it on. Exactly one of these is to be called, once; later calls are ignored. */
export interface ForwardedWork {
  readonly service: string;
  respond(said: DeliveryReply): void;
  /**
   * The rest of a reply frame that was checked, as it stands, with the service and this node's name in it; its load is
   * changed in place. Valid only during the call.
   */
  pass(code: ErrorCode | undefined, rest: Uint8Array): void;
}
