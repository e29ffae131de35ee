import { spawn } from 'node:child_process';
import type { CheckState } from '../../api/check-state.ts';
import { checkResult, failedResult, outputBytesMax, type Probe } from './check-result.ts';
import type { CommandWay } from './check-spec.ts';

/** As monitoring plugins (Nagios and those after it) exit; all else is critical. */
const stateOfExit: Readonly<Record<number, CheckState>> = { 0: 'passing', 1: 'warning', 2: 'critical' };

/** Runs a program in a process group of its own. Whatever of the group is left when it ended, or is given up, is killed. */
export function commandProbe({ command, service }: CommandWay): Probe {
  const [file = '', ...args] = command;
  return (done) => {
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
    const killGroup = (): void => endGroup(child.pid);
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => done({ ...failedResult(error), isAbsent: false }));
    // A process it left behind would hold its output open for ever.
    child.on('exit', killGroup);
    child.on('close', (code, signal) => {
      const output = Buffer.concat(pieces).toString('utf8').trimEnd();
      const state = (code === null ? undefined : stateOfExit[code]) ?? 'critical';
      const how = code === null ? `killed by ${signal ?? 'a signal'}` : `exit ${code}`;
      done(checkResult(state, output === '' ? how : output));
    });
    return killGroup;
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
