import { type Address, parseAddress } from '../protocol/address.ts';
import { FogataError } from '../protocol/fogata-error.ts';

/** The address of something to be looked at. Throws FogataError `invalid`; `crm@*` is all of `crm`. */
export function resolvedAddressOf(text: unknown): Address {
  if (typeof text !== 'string') throw new FogataError('invalid', 'the address is no text: "crm" or "crm@db1"');
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new FogataError('invalid', `address: ${parsed.reason}`);
  return parsed.address.node === '*' ? { ...parsed.address, node: '' } : parsed.address;
}
