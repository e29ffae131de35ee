// A child of the demo that outlives it for a moment: when the demo is gone, it ends what the demo had started and removes
// its directory. Hears `+PID` and `-PID` on standard input; the end of that is the signal. Usage: keeper DIRECTORY
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const pids = new Set<number>();

for await (const line of createInterface({ input: process.stdin })) {
  const pid = Number(line.slice(1));
  if (line.startsWith('+')) pids.add(pid);
  else pids.delete(pid);
}
for (const pid of pids) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
const [directory] = process.argv.slice(2);
// The dead may still be being buried: what they hold open is removed when they have let go of it.
if (directory !== undefined) rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
