import { describe, expect, it } from 'vitest';
import { containerReading } from './container-reading.ts';
import { linuxReading } from './linux-reading.ts';

const filesOf = (texts: Readonly<Record<string, string>>) => ({ read: (path: string) => texts[path] });

const host = {
  '/proc/stat': `cpu  1000 200 300 40000 500 10 20 5 100 0
cpu0 500 100 150 20000 250 5 10 2 50 0
cpu1 500 100 150 20000 250 5 10 3 50 0
intr 1
procs_running 6
procs_blocked 0
`,
  '/proc/meminfo':
    'MemTotal:        8000000 kB\nMemFree:          100000 kB\nMemAvailable:    2000000 kB\nSwapTotal: 0 kB\n',
  '/proc/vmstat': 'nr_free_pages 1\npswpin 30\npswpout 12\n',
  '/proc/pressure/io':
    'some avg10=1.00 avg60=0 avg300=0 total=5000000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=2500000\n',
  '/proc/pressure/memory': 'some avg10=0 avg60=0 avg300=0 total=900\nfull avg10=0 avg60=0 avg300=0 total=500\n',
  '/proc/diskstats':
    '   8       0 sda 1 2 3 4 5 6 7 8 0 4321 9\n   8       1 sda1 1 2 3 4 5 6 7 8 0 99 9\n 259 0 nvme0n1 1 2 3 4 5 6 7 8 0 77 9\n',
  '/proc/net/dev': `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 999999 1 0 0 0 0 0 0 999999 1 0 0 0 0 0 0
  eth0: 1000 1 0 0 0 0 0 0 3000 1 0 0 0 0 0 0
 wlan0: 5000 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0
`,
  '/sys/class/net/eth0/speed': '1000\n',
  '/sys/class/net/wlan0/speed': '-1\n',
};

describe('what Linux tells of a host', () => {
  it('without limits', () => {
    expect(linuxReading(filesOf({ ...host, '/proc/self/cgroup': '0::/user.slice\n' }), 7, 12)).toEqual({
      at: 7,
      processors: 2,
      isLimited: false,
      busyMs: (1_000 + 200 + 300 + 10 + 20 + 5) * 10,
      runnable: 5,
      periods: undefined,
      throttled: undefined,
      memoryUsed: 0.75,
      memoryStallMs: 0.5,
      swapPages: 42,
      diskStallMs: 2_500,
      diskBusyMs: [4_321, 77],
      networks: [{ name: 'eth0', bytes: 3_000, bytesPerSecond: 125_000_000 }],
      loopBusyMs: 12,
    });
  });

  it('a kernel that tells nothing is no error', () => {
    expect(linuxReading(filesOf({}), 7, 12)).toMatchObject({ processors: 1, busyMs: undefined, memoryUsed: undefined });
    const odd = filesOf({
      '/proc/stat': 'cpu\n',
      '/proc/meminfo': 'MemTotal: 0 kB\nMemAvailable: 0 kB',
      '/proc/net/dev': ':',
    });
    expect(linuxReading(odd, 7, 12)).toMatchObject({ processors: 1, memoryUsed: undefined, networks: [] });
  });
});

const unified = {
  '/proc/self/cgroup': '0::/kubepods/pod7/crm\n',
  '/sys/fs/cgroup/kubepods/pod7/crm/cpu.max': 'max 100000\n',
  '/sys/fs/cgroup/kubepods/pod7/cpu.max': '50000 100000\n',
  '/sys/fs/cgroup/kubepods/pod7/cpu.stat':
    'usage_usec 8000000\nuser_usec 1\nnr_periods 100\nnr_throttled 25\nthrottled_usec 9\n',
  '/sys/fs/cgroup/kubepods/cpu.max': '400000 100000\n',
  '/sys/fs/cgroup/kubepods/pod7/crm/memory.max': '1000000\n',
  '/sys/fs/cgroup/kubepods/pod7/crm/memory.current': '900000\n',
  '/sys/fs/cgroup/kubepods/pod7/crm/memory.stat': 'anon 1\ninactive_file 300000\n',
  '/sys/fs/cgroup/kubepods/pod7/crm/memory.pressure': 'full avg10=0 avg60=0 avg300=0 total=7000\n',
  '/sys/fs/cgroup/kubepods/memory.max': 'max\n',
};

const split = {
  '/proc/self/cgroup': '11:memory:/docker/abc\n5:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n',
  '/sys/fs/cgroup/cpu/cpu.shares': '1024\n',
  '/sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us': '150000\n',
  '/sys/fs/cgroup/cpu/docker/abc/cpu.cfs_period_us': '100000\n',
  '/sys/fs/cgroup/cpu/docker/abc/cpu.stat': 'nr_periods 10\nnr_throttled 3\nthrottled_time 500\n',
  '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
  '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
  '/sys/fs/cgroup/cpuacct/cpuacct.usage': '99000000000\n',
  '/sys/fs/cgroup/cpuacct/docker/abc/cpuacct.usage': '2000000000\n',
  '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
  '/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes': '2000000\n',
  '/sys/fs/cgroup/memory/docker/abc/memory.usage_in_bytes': '1500000\n',
  '/sys/fs/cgroup/memory/docker/abc/memory.stat': 'cache 1\ntotal_inactive_file 500000\n',
};

/** The same, seen from inside of a container that has the root to itself. */
const inside = {
  '/proc/self/cgroup': '5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n',
  '/sys/fs/cgroup/cpu,cpuacct/cpu.shares': '1024\n',
  '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '25000\n',
  '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
  '/sys/fs/cgroup/cpu,cpuacct/cpuacct.usage': '1000000\n',
};

describe('what limits a container', () => {
  it('version 2: the tightest limit on the way up, in the figures of its own height', () => {
    expect(containerReading(filesOf(unified))).toEqual({
      processors: 0.5,
      isLimited: true,
      busyMs: 8_000,
      runnable: undefined,
      periods: 100,
      throttled: 25,
      memoryUsed: 0.6,
      memoryStallMs: 7,
    });
  });

  it('version 1', () => {
    expect(containerReading(filesOf(split))).toEqual({
      processors: 1.5,
      isLimited: true,
      busyMs: 2_000,
      runnable: undefined,
      periods: 10,
      throttled: 3,
      memoryUsed: 0.5,
    });
  });

  it('version 1 from inside, with both controllers in one place', () => {
    expect(containerReading(filesOf(inside))).toMatchObject({ processors: 0.25, busyMs: 1, isLimited: true });
  });

  it('its figures take the place of the host’s, the rest stays', () => {
    const reading = linuxReading(filesOf({ ...host, ...unified }), 0, 0);
    expect(reading).toMatchObject({
      processors: 0.5,
      busyMs: 8_000,
      runnable: undefined,
      memoryUsed: 0.6,
      swapPages: 42,
    });
    expect(containerReading(filesOf({ '/proc/self/cgroup': '0::/../..\n' }))).toEqual({});
  });
});
