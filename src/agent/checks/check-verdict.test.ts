import { describe, expect, it } from 'vitest';
import type { CheckState } from '../../api/check-state.ts';
import { checkResult } from './check-result.ts';
import { CheckVerdict, worseVerdict } from './check-verdict.ts';

const words: Readonly<Record<string, CheckState>> = { p: 'passing', w: 'warning', c: 'critical', t: 'critical' };

/** `p`assing, `w`arning, `c`ritical, `t`ime-out; the state after each, `s` for starting. */
function after(results: string, terms: { rise?: number; fall?: number } = {}): string {
  const verdict = new CheckVerdict({ rise: terms.rise ?? 1, fall: terms.fall });
  return Array.from(results)
    .map((letter) => {
      verdict.take({ ...checkResult(words[letter] as CheckState, ''), isCertain: letter !== 't' });
      return verdict.state[0];
    })
    .join('');
}

describe('the verdict of a check', () => {
  it.each([
    ['one certain failure is enough', 'ppcpp', {}, 'ppcpp'],
    ['of time-outs it takes two in a row', 'pptpttp', {}, 'pppppcp'],
    ['a certain failure after a time-out does not wait', 'ptc', {}, 'ppc'],
    ['a warning is worse than passing and better than critical', 'pwcwp', {}, 'pwcwp'],
    ['`fall` counts time-outs and failures alike', 'pctcp', { fall: 3 }, 'pppcp'],
    ['a better result between starts the count again', 'pccpccp', { fall: 3 }, 'ppppppp'],
    ['`rise` counts what is better', 'pcppcppp', { rise: 3 }, 'sssssssp'],
    ['warnings and failures in a row both count as worse', 'pwcc', { fall: 2 }, 'ppcc'],
    ['before it has passed it is starting, whatever it says', 'ctcw', {}, 'sssw'],
  ])('%s', (_what, results, terms, expected) => {
    expect(after(results, terms)).toBe(expected);
  });

  it('is critical when the time to start is over, once', () => {
    const verdict = new CheckVerdict({ rise: 1, fall: undefined });
    expect([verdict.endStart(), verdict.state, verdict.endStart()]).toEqual([true, 'critical', false]);
  });

  it('of several the worst counts, and what is starting is as bad as critical', () => {
    expect(worseVerdict('passing', 'warning')).toBe('warning');
    expect(worseVerdict('warning', 'starting')).toBe('starting');
    expect(worseVerdict('passing', 'passing')).toBe('passing');
  });
});
