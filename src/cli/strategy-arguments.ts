import { isStrategy } from '../api/wishes-of.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { type Strategy, strategies } from '../selection/strategy.ts';

export const strategyText = `how the instance is chosen: ${strategies.join(', ')} (default: as the agent is set, else best)`;
export const stickyText = 'what has the same KEY goes to the same instance, as long as it is well';

export interface StrategyFlags {
  readonly strategy?: string;
  readonly sticky?: string;
}

/** Throws FogataError `invalid`. */
export function strategyOptionsOf({ strategy, sticky }: StrategyFlags): { strategy?: Strategy; sticky?: string } {
  if (strategy !== undefined && !isStrategy(strategy)) {
    throw new FogataError('invalid', `--strategy is one of ${strategies.join(', ')}, not ${JSON.stringify(strategy)}`);
  }
  return { ...(strategy === undefined ? {} : { strategy }), ...(sticky === undefined ? {} : { sticky }) };
}
