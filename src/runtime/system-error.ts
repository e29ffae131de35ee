/** An operating error as the system reports it: callers look at `code` (`ECONNREFUSED`, `EADDRINUSE`, …). */
export function systemError(code: string, message: string): NodeJS.ErrnoException {
  const { stackTraceLimit } = Error;
  // Where it is made tells nothing of its cause, and to note that costs more than a failed dial.
  Error.stackTraceLimit = 0;
  const error: NodeJS.ErrnoException = new Error(`${code}: ${message}`);
  Error.stackTraceLimit = stackTraceLimit;
  error.code = code;
  return error;
}

/** The `code` of a system error, `undefined` for anything else. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

const fileErrors: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'no such file or directory'],
  ['ENOTDIR', 'a part of the path is no directory'],
  ['EACCES', 'no permission'],
  ['EPERM', 'no permission'],
  ['EISDIR', 'it is a directory'],
  ['EEXIST', 'a file is there already'],
  ['EROFS', 'the file system is read-only'],
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'the disk quota is used up'],
]);

/** Why a file cannot be read or written, in words for the person who named it. */
export function fileErrorText(error: unknown): string {
  return fileErrors.get(systemErrorCode(error) ?? '') ?? asError(error).message;
}

/** What was thrown, as an `Error`. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
