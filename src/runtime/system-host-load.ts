import { cpus } from 'node:os';
import type { HostLoad } from './host-load.ts';

/** Processor time of all cores together, idle or not, between two calls. */
export function systemHostLoad(): HostLoad {
  let idleBefore = 0;
  let totalBefore = 0;
  return {
    sample() {
      let idle = 0;
      let total = 0;
      for (const { times } of cpus()) {
        idle += times.idle;
        total += times.idle + times.user + times.nice + times.sys + times.irq;
      }
      const idleSince = idle - idleBefore;
      const totalSince = total - totalBefore;
      const first = totalBefore === 0;
      idleBefore = idle;
      totalBefore = total;
      if (first || totalSince <= 0) return undefined;
      return Math.min(1, Math.max(0, 1 - idleSince / totalSince));
    },
  };
}
