import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FogataError } from '../protocol/fogata-error.ts';
import { isRunning } from '../runtime/is-running.ts';
import { makeDirectory } from '../runtime/make-directory.ts';
import { fileErrorText, systemErrorCode } from '../runtime/system-error.ts';

const lockName = 'agent.lock';

/** A data directory that no other agent may use meanwhile. */
export interface DataLock {
  release(): Promise<void>;
}

/**
 * Makes the directory and locks it for this process. The lock of a process that is gone is taken over, also where its
 * number belongs to another by now. Throws FogataError `config` or `address-in-use`.
 */
export async function lockData(directory: string): Promise<DataLock> {
  const path = join(directory, lockName);
  const mark = `${process.pid} ${await startOf(process.pid)}\n`;
  try {
    await makeDirectory(directory, 0o700);
    if (!(await create(path, mark))) {
      const judged = await readFile(path, 'utf8').catch(() => '');
      await refuseLive(directory, judged);
      if (!((await setAside(path, judged)) && (await create(path, mark)))) throw inUse(directory, 'another agent');
    }
  } catch (error) {
    throw error instanceof FogataError ? error : unusable(directory, error);
  }
  return {
    async release() {
      if ((await readFile(path, 'utf8').catch(() => '')) === mark) await rm(path, { force: true });
    },
  };
}

/** False: it is there. It is never seen empty, which would look like one that a power cut left. */
async function create(path: string, mark: string): Promise<boolean> {
  const draft = `${path}.${process.pid}`;
  try {
    await writeFile(draft, mark, { mode: 0o600 });
    await link(draft, path);
    return true;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'EEXIST') return false;
    if (code !== undefined && withoutLinks.has(code)) return createPlain(path, mark);
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** What a file system answers that has no hard links. */
const withoutLinks: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

async function createPlain(path: string, mark: string): Promise<boolean> {
  try {
    await writeFile(path, mark, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Takes a stale lock away. False: another agent was faster and the lock that stood there was its own; it stands again. */
async function setAside(path: string, judged: string): Promise<boolean> {
  const aside = `${path}.${process.pid}.old`;
  try {
    await rename(path, aside);
  } catch (error) {
    // Another one has taken it away. Who makes the next decides.
    if (systemErrorCode(error) === 'ENOENT') return true;
    throw error;
  }
  const isStale = (await readFile(aside, 'utf8')) === judged;
  if (!isStale) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
  return isStale;
}

async function refuseLive(directory: string, mark: string): Promise<void> {
  const [digits = '', start = ''] = mark.trim().split(' ');
  const pid = Number(digits);
  if (!/^\d{1,10}$/.test(digits) || !isRunning(pid)) return;
  const now = await startOf(pid);
  if (now === start || now === '' || start === '') throw inUse(directory, `the agent with process id ${pid}`);
}

/** When a process began, in ticks since the system's start; '' where the system does not tell. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name of the program, in brackets, may itself have blanks and brackets.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function inUse(directory: string, who: string): FogataError {
  return new FogataError(
    'address-in-use',
    `${directory}: ${who} uses this data directory; stop it, or give this one its own --data and --socket`,
  );
}

function unusable(directory: string, error: unknown): FogataError {
  const code = systemErrorCode(error);
  const options = { cause: error };
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOENT') {
    return new FogataError('config', `${directory}: nothing can be written there; give another --data`, options);
  }
  if (code === 'ENOTDIR' || code === 'EEXIST') {
    return new FogataError('config', `${directory}: is no directory; give another --data`, options);
  }
  return new FogataError(
    'storage',
    `${directory}: the data directory cannot be used: ${fileErrorText(error)}`,
    options,
  );
}
