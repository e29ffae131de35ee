import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from './lab.ts';
import { until } from './until.ts';

/** Namespaces share their machine's processors. A share gives the processes of one host a limit of their own. */
export interface ProcessorShare {
  /** Commands by which a process of a host sees control groups: `ip netns exec` gives it a /sys without. */
  readonly prelude: string;
  add(pid: number): void;
  /** When all its processes have ended; the kernel may take a moment to notice. */
  remove(): Promise<void>;
}

const root = '/sys/fs/cgroup';
const periodUs = 100_000;

const splitMounts = [
  `mount -t tmpfs cgroup ${root}`,
  ...['cpu', 'cpuacct'].map((name) => `mkdir ${root}/${name} && mount -t cgroup -o ${name} ${name} ${root}/${name}`),
].join(' && ');

/** Whether control groups can be made here: version 1, or version 2 with processors handed down. */
export async function canShareProcessors(): Promise<boolean> {
  try {
    await openFolders('fogata-e2e-try', 1).remove();
    return true;
  } catch {
    return false;
  }
}

/** So many processors, 0.25 for a quarter of one, for the processes that are added. */
export function openShare(lab: Lab, name: string, processors: number): ProcessorShare {
  return openFolders(`fogata-e2e-${lab.folder.split('/').at(-1) ?? ''}-${name}`, processors);
}

function openFolders(name: string, processors: number): ProcessorShare {
  const quotaUs = Math.round(processors * periodUs);
  const isSplit = existsSync(join(root, 'cpu', 'cpu.cfs_quota_us'));
  const folders = isSplit ? [join(root, 'cpu', name), join(root, 'cpuacct', name)] : [join(root, name)];
  if (!isSplit) writeFileSync(join(root, 'cgroup.subtree_control'), '+cpu');
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  const [first = ''] = folders;
  // Before all others, so that on a busy machine too the limit is what limits.
  const settings = isSplit
    ? { 'cpu.cfs_quota_us': `${quotaUs}`, 'cpu.shares': '65536' }
    : { 'cpu.max': `${quotaUs} ${periodUs}`, 'cpu.weight': '10000' };
  for (const [file, value] of Object.entries(settings)) writeFileSync(join(first, file), value);
  return {
    prelude: isSplit ? splitMounts : `mount -t cgroup2 cgroup2 ${root}`,
    add(pid) {
      for (const folder of folders) writeFileSync(join(folder, 'cgroup.procs'), String(pid));
    },
    async remove() {
      for (const folder of folders) {
        await until('the group is empty', 5_000, () => {
          rmdirSync(folder);
          return true;
        });
      }
    },
  };
}
