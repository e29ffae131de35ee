import { parseAddress } from '../protocol/address.ts';
import { FogataError } from '../protocol/fogata-error.ts';

/** Whom a verb reaches that reaches one instance. Asked before any agent is: a slip is a slip also where there is none. */
export function checkAddress(text: string): void {
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new FogataError('invalid', `address: ${parsed.reason}`);
  if (parsed.address.node === '*') throw new FogataError('invalid', 'address: it leads to one instance, not to all');
}
