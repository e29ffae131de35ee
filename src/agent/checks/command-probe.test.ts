import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { CheckResult } from './check-result.ts';
import { commandProbe } from './command-probe.ts';

const shell = (script: string) => ({ way: 'command', service: 'crm', command: ['/bin/sh', '-c', script] }) as const;

function probed(script: string): Promise<CheckResult> {
  return new Promise((resolve) => void commandProbe(shell(script))(resolve));
}

/** Whether a process is there and no zombie. */
async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/\) [ZX] /.test(stat);
}

async function gone(pid: number): Promise<void> {
  while (await isRunning(pid)) await new Promise((resolve) => setImmediate(resolve));
}

describe('a check by command', () => {
  it.each([
    ['echo fine', 'passing', 'fine'],
    ['echo long queue; exit 1', 'warning', 'long queue'],
    ['echo no disk >&2; exit 2', 'critical', 'no disk'],
    ['exit 3', 'critical', 'exit 3'],
    ['kill -9 $$', 'critical', 'killed by SIGKILL'],
    ['echo "$FOGATA_SERVICE"', 'passing', 'crm'],
  ])('%s', async (script, state, output) => {
    expect(await probed(script)).toMatchObject({ state, output, isCertain: true });
  });

  it('one that cannot be run is critical', async () => {
    const way = { way: 'command', service: 'crm', command: ['/nowhere/at/all'] } as const;
    const result = await new Promise<CheckResult>((resolve) => void commandProbe(way)(resolve));
    expect(result).toMatchObject({ state: 'critical', isAbsent: false });
    expect(result.output).toMatch(/ENOENT/);
    const odd = { ...way, command: ['/bin/echo', 'a\0b'] };
    const refused = await new Promise<CheckResult>((resolve) => void commandProbe(odd)(resolve));
    expect(refused).toMatchObject({ state: 'critical', isCertain: true });
  });

  it('keeps 4,096 bytes of what it says, and reads the rest', async () => {
    const { output, state } = await probed('head -c 1000000 /dev/zero | tr "\\0" x');
    expect([state, output.length]).toEqual(['passing', 4_096]);
  });

  it('what it leaves behind is killed with it, and does not hold it up', async () => {
    const { output } = await probed('sleep 600 & echo $!');
    await gone(Number(output));
  });

  it('given up, nothing of its process group is left', async () => {
    const pids: number[] = [];
    const ended = new Promise<CheckResult>((resolve) => {
      const giveUp = commandProbe(shell('sleep 600 & sleep 600 & trap "" TERM; sleep 600'))(resolve);
      void (async () => {
        // Its children are in a group that is called as the shell is.
        while (pids.length < 3) {
          pids.splice(0, pids.length, ...(await childrenOf(process.pid)));
          await new Promise((again) => setImmediate(again));
        }
        giveUp();
      })();
    });
    expect(await ended).toMatchObject({ state: 'critical', output: 'killed by SIGKILL' });
    await Promise.all(pids.map(gone));
  });
});

/** The sleepers below this process, however deep. */
async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const below = text.trim().split(' ').filter(Boolean).map(Number);
  const names = await Promise.all(below.map((each) => readFile(`/proc/${each}/comm`, 'utf8').catch(() => '')));
  const deeper = await Promise.all(below.map(childrenOf));
  return [...below.filter((_, i) => names[i]?.trim() === 'sleep'), ...deeper.flat()];
}
