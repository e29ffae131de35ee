import type { ProgramRequest } from '../api/program-request.ts';
import type { ChoiceWish } from '../delivery/chooser.ts';
import { type Address, formatAddress } from '../protocol/address.ts';

/** Asks the agent where calls would go. */
export function resolveRequestOf(to: Address, wish: ChoiceWish | undefined): ProgramRequest {
  const { strategy, key } = wish ?? { strategy: undefined, key: '' };
  return {
    op: 'resolve',
    address: formatAddress(to),
    ...(strategy === undefined ? {} : { strategy }),
    ...(key === '' ? {} : { sticky: key }),
  };
}
