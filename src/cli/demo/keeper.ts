// A child of the demo that outlives it for a moment: when the demo is gone, it ends what the demo had started.
// Hears `+PID` and `-PID` on standard input; its end is the signal.
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
