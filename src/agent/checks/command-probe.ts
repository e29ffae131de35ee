import { spawn } from 'node:child_process';
import type { CheckState } from '../../api/check-state.ts';
import { type CheckResult, checkResult, failedResult, outputBytesMax, type Probe } from './check-result.ts';
import type { CommandWay } from './check-spec.ts';

/** As monitoring plugins (Nagios and those after it) exit; all else is critical. */
const stateOfExit: Readonly<Record<number, CheckState>> = { 0: 'passing', 1: 'warning', 2: 'critical' };

/** Runs a program in a process group of its own. Whatever of the group is left when it ended, or is given up, is killed. */
export function commandProbe(way: CommandWay): Probe {
  return (done) => {
    try {
      return run(way, done);
    } catch (error) {
      // More processes than the system allows, or an argument that is none.
      const result = checkResult('critical', error instanceof Error ? error.message : String(error));
      queueMicrotask(() => done(result));
      return () => undefined;
    }
  };
}

function run({ command, service }: CommandWay, done: (result: CheckResult) => void): () => void {
  const [file = '', ...args] = command;
  const child = spawn(file, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, FOGATA_SERVICE: service },
  });
  const pieces: Buffer[] = [];
  let room = outputBytesMax;
  const keep = (piece: Buffer): void => {
    if (room > 0) pieces.push(piece.subarray(0, room));
    room -= piece.length;
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.on('error', (error) => done({ ...failedResult(error), isAbsent: false }));
  // A process it left behind would hold its output open for ever.
  child.on('exit', () => endGroup(child.pid));
  child.on('close', (code, signal) => {
    const output = Buffer.concat(pieces).toString('utf8').trimEnd();
    const state = (code === null ? undefined : stateOfExit[code]) ?? 'critical';
    const how = code === null ? `killed by ${signal ?? 'a signal'}` : `exit ${code}`;
    done(checkResult(state, output === '' ? how : output));
  });
  return () => {
    endGroup(child.pid);
    // One that has left the group holds them open.
    child.stdout.destroy();
    child.stderr.destroy();
  };
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
}
