import type { ProgramOpen } from '../delivery/program-open.ts';
import { httpCommand } from '../delivery/stream-receiver.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import type { OpenOptions } from './byte-channel.ts';
import { exchangeRequestOf } from './exchange-request-of.ts';

/** What a program wants opened, checked. Throws FogataError `invalid` or `too-large`, naming the thing and the rule. */
export function programOpenOf(address: string, command: string, options: OpenOptions | undefined): ProgramOpen {
  const { id: _id, replyWanted: _replyWanted, ...asked } = exchangeRequestOf(address, command, options, 'open');
  if (command === httpCommand) {
    throw new FogataError('invalid', 'the command "http" is for the proxy: ask it, or open another');
  }
  return asked;
}
