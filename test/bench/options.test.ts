import { afterEach, describe, expect, it, vi } from 'vitest';
import { optionsOf } from '../../bench/harness/options.ts';

afterEach(() => void vi.restoreAllMocks());

/** What is said, and by which exit code it ends; undefined: it goes on. */
function misuseOf(args: readonly string[]): { readonly said: string; readonly code: unknown } | undefined {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.spyOn(process, 'exit').mockImplementation((code) => {
    throw Object.assign(new Error('exit'), { exitCode: code });
  });
  const options = { seeds: { type: 'string', default: '30' }, loss: { type: 'string', default: '0.1' } } as const;
  try {
    optionsOf('bench [--seeds K] [--loss SHARE]', { args: [...args], options });
    return undefined;
  } catch (error) {
    return { said: String(said.mock.calls[0]?.[0]), code: Reflect.get(error as Error, 'exitCode') };
  }
}

describe('the options of a bench', () => {
  it('are taken', () => {
    expect(misuseOf([])).toBeUndefined();
    expect(misuseOf(['--seeds', '7', '--loss', '0.05'])).toBeUndefined();
  });

  it.each([
    [['--nope'], /^Unknown option '--nope'/],
    [['--seeds'], /^Option '--seeds <value>' argument missing/],
    [['--seeds', 'many'], /^--seeds is a number, not "many"/],
    [['--seeds', '-1'], /^Option '--seeds' argument is ambiguous/],
    [['7'], /^Unexpected argument '7'/],
  ])('that are wrong, as %j, are told in one line with the usage', (args, message) => {
    const misuse = misuseOf(args);
    expect(misuse?.code).toBe(2);
    expect(misuse?.said).toMatch(message);
    expect(misuse?.said).toMatch(/^[^\n]+\nusage: bench \[--seeds K\] \[--loss SHARE\]\n$/);
  });
});
