import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { runTool } from './run-tool.ts';

const family = 'fogata-e2e';

/** Ends what runs in the namespaces whose names begin with `$1`, and removes them and the folder `$2`. */
const sweepScript = `
for name in $(ip netns list | cut -d' ' -f1); do
  case "$name" in
    "$1"*)
      for pid in $(ip netns pids "$name"); do kill -9 "$pid" 2>/dev/null; done
      ip netns delete "$name"
      ;;
  esac
done
[ -z "$2" ] || rm -rf "$2"
`;

/** When a process began, in ticks since boot: with its id it names it for ever. Undefined when there is none. */
function startOf(pid: number | 'self'): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** What the names of this process's namespaces begin with: it is told by them whether their maker still lives. */
export function prefixOfRun(): string {
  return `${family}.${process.pid}.${startOf('self') ?? '0'}.`;
}

/** Removes what runs that crashed have left, and nothing else. */
export function sweepCrashedRuns(): void {
  const names = runTool('ip', ['netns', 'list']).split('\n');
  const prefixes = new Set(names.flatMap((name) => /^fogata-e2e\.\d+\.\d+\./.exec(name)?.[0] ?? []));
  for (const prefix of prefixes) {
    const [, pid = '', start] = prefix.split('.');
    if (startOf(Number(pid)) !== start) runTool('sh', ['-c', sweepScript, 'sweep', prefix, '']);
  }
}

/**
 * A process of its own that removes everything as soon as this one lets go of it, be it by `sweep`, by an exit, by ctrl-C
 * or by a crash: the pipe between them breaks in each case.
 */
export function janitorOf(prefix: string, folder: string): { sweep(): Promise<void> } {
  const script = `trap '' INT TERM HUP\ncat >/dev/null\n${sweepScript}`;
  const child = spawn('sh', ['-c', script, 'janitor', prefix, folder], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  });
  const exited = once(child, 'exit');
  child.unref();
  return {
    async sweep() {
      child.ref();
      child.stdin.end();
      await exited;
    },
  };
}
