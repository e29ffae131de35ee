import { join } from 'node:path';

/** What of a process decides where its agent is. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Undefined where the system has no such thing (Windows). */
  readonly uid: number | undefined;
  readonly home: string;
}

/** The socket of the agent that the system runs for everybody. */
const systemSocket = '/run/fogata/agent.sock';

/**
 * Where `fogata up` listens unless told otherwise: root's agent is the system's, also in a login shell that has a runtime
 * directory of its own.
 */
export function defaultAgentSocket(surroundings: Surroundings): string {
  if (surroundings.uid === 0) return systemSocket;
  const runtimeDirectory = surroundings.env['XDG_RUNTIME_DIR'];
  if (runtimeDirectory) return join(runtimeDirectory, 'fogata', 'agent.sock');
  return join(surroundings.home, '.fogata', 'agent.sock');
}

/**
 * Where programs and the command line look for their agent: `FOGATA_AGENT` (a path, or `http://127.0.0.1:7471`), else
 * the user's own socket, else, where that is not there, the system's.
 */
export function agentLocation(surroundings: Surroundings, exists: (path: string) => boolean): string {
  const given = surroundings.env['FOGATA_AGENT'];
  if (given) return given;
  const own = defaultAgentSocket(surroundings);
  return !exists(own) && exists(systemSocket) ? systemSocket : own;
}
