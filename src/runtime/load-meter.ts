import type { LoadTerm } from './host-load.ts';
import type { HostReading } from './host-reading.ts';

/**
 * What is measured is smoothed over about this long (time constant of an exponential mean): a burst of a tenth of a second
 * is no load, and one of a second is.
 */
export const smoothingMs = 500;

/** Busy processors alone are no more than this: the rest is that somebody waits for one. */
export const busyShare = 0.85;

/** Memory in use below this share is what memory is for. */
export const memoryEasy = 0.8;

/** As many pages of swap in a second are half of full. */
export const swapPagesHalf = 1_000;

/** A disk that is always busy may yet take more (it has queues); without pressure figures no more is known. */
export const diskBusyShare = 0.5;

type Name = LoadTerm['name'];

/** Makes loads of readings: each term 0 idle to 1 full, each smoothed. Pure but for what it remembers. */
export class LoadMeter {
  #before: HostReading | undefined;
  #smoothed = new Map<Name, number>();
  #terms: readonly LoadTerm[] = [];

  get terms(): readonly LoadTerm[] {
    return this.#terms;
  }

  /** The fullest term: what is scarcest decides how long work takes. `undefined` for the first reading. */
  take(reading: HostReading): number | undefined {
    const before = this.#before;
    const elapsedMs = before === undefined ? 0 : reading.at - before.at;
    if (before !== undefined && elapsedMs <= 0) return this.#fullest();
    this.#before = reading;
    if (before === undefined) return undefined;
    const weight = 1 - Math.exp(-elapsedMs / smoothingMs);
    this.#terms = termsOf(before, reading, elapsedMs).map(({ name, load, detail }) => {
      const past = this.#smoothed.get(name);
      const smoothed = past === undefined ? load : past + (load - past) * weight;
      this.#smoothed.set(name, smoothed);
      return { name, load: smoothed, detail };
    });
    return this.#fullest();
  }

  #fullest(): number | undefined {
    return this.#terms.length === 0 ? undefined : Math.max(...this.#terms.map(({ load }) => load));
  }
}

/** Of what happened between two readings. A counter that went back (a device is gone) counts as not moved. */
export function termsOf(before: HostReading, after: HostReading, elapsedMs: number): LoadTerm[] {
  const terms = [
    cpuTerm(before, after, elapsedMs),
    memoryTerm(before, after, elapsedMs),
    swapTerm(before, after, elapsedMs),
    diskTerm(before, after, elapsedMs),
    networkTerm(before, after, elapsedMs),
    loopTerm(before, after, elapsedMs),
  ];
  return terms.filter((term) => term !== undefined);
}

/** `busy · (0.85 + 0.15 · waiting)`; waiting: of those who want a processor, or of the limit's periods, the share held up. */
function cpuTerm(before: HostReading, after: HostReading, elapsedMs: number): LoadTerm | undefined {
  const busyMs = moved(before.busyMs, after.busyMs);
  if (busyMs === undefined) return undefined;
  const { processors, runnable, isLimited } = after;
  const busy = share(busyMs / elapsedMs / processors);
  const periods = moved(before.periods, after.periods) ?? 0;
  const throttled = periods > 0 ? share((moved(before.throttled, after.throttled) ?? 0) / periods) : 0;
  const queued = runnable !== undefined && runnable > processors ? 1 - processors / runnable : 0;
  const load = busy * (busyShare + (1 - busyShare) * Math.max(throttled, queued));
  const waits = throttled > 0 ? `, held up ${percent(throttled)}` : queued > 0 ? `, ${runnable ?? 0} want one` : '';
  const of = `${Math.round(processors * 100) / 100}${isLimited ? ' (limit)' : ''}`;
  return { name: 'cpu', load, detail: `${percent(busy)} of ${of}${waits}` };
}

/** Nothing up to 80 % in use, full at 100 %; or the share of time in which everybody waited for memory, if that is more. */
function memoryTerm(before: HostReading, after: HostReading, elapsedMs: number): LoadTerm | undefined {
  const { memoryUsed } = after;
  if (memoryUsed === undefined) return undefined;
  const stalled = share((moved(before.memoryStallMs, after.memoryStallMs) ?? 0) / elapsedMs);
  const full = share((memoryUsed - memoryEasy) / (1 - memoryEasy));
  const stall = stalled > 0 ? `, stalled ${percent(stalled)}` : '';
  return { name: 'memory', load: Math.max(full, stalled), detail: `${percent(share(memoryUsed))} used${stall}` };
}

/** `rate / (rate + 1,000 pages a second)`. */
function swapTerm(before: HostReading, after: HostReading, elapsedMs: number): LoadTerm | undefined {
  const pages = moved(before.swapPages, after.swapPages);
  if (pages === undefined) return undefined;
  const rate = (pages * 1_000) / elapsedMs;
  return { name: 'swap', load: rate / (rate + swapPagesHalf), detail: `${Math.round(rate)} pages/s` };
}

/** The share of time in which everybody waited for a disk; where the kernel does not tell, half of how busy the busiest was. */
function diskTerm(before: HostReading, after: HostReading, elapsedMs: number): LoadTerm | undefined {
  const stalledMs = moved(before.diskStallMs, after.diskStallMs);
  if (stalledMs !== undefined) {
    const stalled = share(stalledMs / elapsedMs);
    return { name: 'disk', load: stalled, detail: `stalled ${percent(stalled)}` };
  }
  if (after.diskBusyMs.length === 0 || after.diskBusyMs.length !== before.diskBusyMs.length) return undefined;
  const busiestMs = Math.max(...after.diskBusyMs.map((ms, i) => moved(before.diskBusyMs[i], ms) ?? 0));
  const busy = share(busiestMs / elapsedMs);
  return { name: 'disk', load: busy * diskBusyShare, detail: `busy ${percent(busy)}` };
}

/** The fullest interface, in its fuller direction. */
function networkTerm(before: HostReading, after: HostReading, elapsedMs: number): LoadTerm | undefined {
  let fullest: LoadTerm | undefined;
  for (const { name, bytes, bytesPerSecond } of after.networks) {
    const past = before.networks.find((each) => each.name === name);
    if (past === undefined) continue;
    const load = share(((moved(past.bytes, bytes) ?? 0) * 1_000) / elapsedMs / bytesPerSecond);
    if (fullest !== undefined && fullest.load >= load) continue;
    fullest = { name: 'network', load, detail: `${name} ${percent(load)}` };
  }
  return fullest;
}

/** One thread does all the work of this process: at work all the time it is full, however many processors are idle. */
function loopTerm(before: HostReading, after: HostReading, elapsedMs: number): LoadTerm {
  const busy = share((moved(before.loopBusyMs, after.loopBusyMs) ?? 0) / elapsedMs);
  return { name: 'loop', load: busy, detail: `at work ${percent(busy)}` };
}

function moved(before: number | undefined, after: number | undefined): number | undefined {
  return before === undefined || after === undefined ? undefined : Math.max(0, after - before);
}

function share(value: number): number {
  return Math.min(1, Math.max(0, value));
}

function percent(value: number): string {
  return `${Math.round(value * 100)} %`;
}
