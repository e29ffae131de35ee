import { FogataError } from '../protocol/fogata-error.ts';

/** The options of `listen`. */
export interface ListenFlags {
  readonly reply?: readonly string[];
  readonly exec?: string;
  readonly jobs?: string;
  readonly count?: string;
  readonly save?: string;
  readonly overwrite?: boolean;
}

/** Throws FogataError `invalid` for what does not go together. */
export function checkListenFlags({ exec, reply, save, overwrite, jobs }: ListenFlags): void {
  if (exec !== undefined && reply !== undefined)
    throw new FogataError('invalid', 'the reply comes from --reply or from --exec, not from both');
  if (exec !== undefined && save !== undefined)
    throw new FogataError('invalid', 'files go to --save, messages to --exec: listen twice, under two names');
  if (overwrite === true && save === undefined) throw new FogataError('invalid', '--overwrite goes with --save');
  if (jobs !== undefined && exec === undefined) throw new FogataError('invalid', '--jobs goes with --exec');
}
