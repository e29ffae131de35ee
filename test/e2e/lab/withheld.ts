import { readFileSync } from 'node:fs';

/** How long the machine kept processes waiting that were ready to run: no time of what is measured. */
export interface Withheld {
  /** Milliseconds from one time of `performance.now()` to another, at each moment of the one that waited longest. */
  between(from: number, to: number): number;
  /** To be called before `between`. */
  end(): void;
}

const pauseMs = 10;

/** Watches until `end`, by what Linux counts for each process (/proc/PID/schedstat). One may end meanwhile. */
export function watchWithheld(pids: readonly number[]): Withheld {
  const last = pids.map(waitedMs);
  const rows: { readonly from: number; readonly to: number; readonly ms: number }[] = [];
  let lookedAt = performance.now();
  const timer = setInterval(look, pauseMs);

  function look(): void {
    let ms = 0;
    for (const [i, pid] of pids.entries()) {
      const now = waitedMs(pid);
      ms = Math.max(ms, now - (last[i] ?? 0));
      last[i] = Math.max(now, last[i] ?? 0);
    }
    const from = lookedAt;
    lookedAt = performance.now();
    rows.push({ from, to: lookedAt, ms });
  }

  return {
    between(from, to) {
      // The kernel adds a wait when it is over, so one more is looked at.
      const meanwhile = rows.filter((row) => row.to >= from && row.from <= to + pauseMs);
      return meanwhile.reduce((sum, { ms }) => sum + ms, 0);
    },
    end() {
      clearInterval(timer);
      look();
    },
  };
}

function waitedMs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1] ?? 0) / 1e6;
  } catch {
    return 0;
  }
}
