import { containerReading } from './container-reading.ts';
import { type HostFiles, numberAt, stallMs, wholeNumber } from './host-files.ts';
import { emptyReading, type HostReading } from './host-reading.ts';

/** A tick of /proc/stat: 100 a second on every system there is (`getconf CLK_TCK`). */
const tickMs = 10;

/** Megabits per second in bytes per second. */
const megabitBytes = 125_000;

/** All that Linux tells of a host; what a container limits in its own figures. */
export function linuxReading(files: HostFiles, at: number, loopBusyMs: number): HostReading {
  const stat = files.read('/proc/stat');
  return {
    ...emptyReading(at),
    processors: Math.max(1, (stat ?? '').match(/^cpu\d+ /gm)?.length ?? 1),
    busyMs: busyMs(stat),
    // This process is running, or it would not read.
    runnable: less(numberAt(stat, 'procs_running'), 1),
    memoryUsed: memoryUsed(files.read('/proc/meminfo')),
    memoryStallMs: stallMs(files.read('/proc/pressure/memory'), 'full'),
    swapPages: swapPages(files.read('/proc/vmstat')),
    diskStallMs: stallMs(files.read('/proc/pressure/io'), 'full'),
    diskBusyMs: diskBusyMs(files.read('/proc/diskstats')),
    networks: networks(files),
    loopBusyMs,
    ...containerReading(files),
  };
}

/** `cpu user nice system idle iowait irq softirq steal guest guest_nice`; guests are in user and nice already. */
function busyMs(stat: string | undefined): number | undefined {
  const line = /^cpu (.*)$/m.exec(stat ?? '')?.[1];
  if (line === undefined) return undefined;
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line.trim().split(/\s+/).map(Number);
  return (user + nice + system + irq + softirq + steal) * tickMs;
}

function memoryUsed(meminfo: string | undefined): number | undefined {
  const total = numberAt(meminfo, 'MemTotal');
  const available = numberAt(meminfo, 'MemAvailable');
  return total === undefined || available === undefined || total <= 0 ? undefined : 1 - available / total;
}

function swapPages(vmstat: string | undefined): number | undefined {
  const swappedIn = numberAt(vmstat, 'pswpin');
  const swappedOut = numberAt(vmstat, 'pswpout');
  return swappedIn === undefined || swappedOut === undefined ? undefined : swappedIn + swappedOut;
}

/** Whole disks only: the tenth figure after the name is the time with something to do. */
function diskBusyMs(diskstats: string | undefined): number[] {
  const busy: number[] = [];
  for (const line of (diskstats ?? '').split('\n')) {
    const [, , name = '', ...figures] = line.trim().split(/\s+/);
    if (!/^(?:[shv]d[a-z]+|xvd[a-z]+|nvme\d+n\d+|mmcblk\d+)$/.test(name)) continue;
    busy.push(Number(figures[9] ?? 0));
  }
  return busy;
}

function networks(files: HostFiles): HostReading['networks'] {
  const found: { name: string; bytes: number; bytesPerSecond: number }[] = [];
  for (const line of (files.read('/proc/net/dev') ?? '').split('\n')) {
    const match = /^\s*([^\s:]+):\s*(.*)$/.exec(line);
    const name = match?.[1];
    if (name === undefined || name === 'lo' || !/^[\w.-]+$/.test(name)) continue;
    // -1, or an error, where there is none.
    const speed = wholeNumber(files.read(`/sys/class/net/${name}/speed`));
    if (speed === undefined || speed === 0) continue;
    const figures = (match?.[2] ?? '').trim().split(/\s+/).map(Number);
    const bytes = Math.max(figures[0] ?? 0, figures[8] ?? 0);
    found.push({ name, bytes, bytesPerSecond: speed * megabitBytes });
  }
  return found;
}

function less(value: number | undefined, by: number): number | undefined {
  return value === undefined ? undefined : Math.max(0, value - by);
}
