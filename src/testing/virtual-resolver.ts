import { isIP } from 'node:net';
import type { Resolver } from '../runtime/resolver.ts';
import { systemError } from '../runtime/system-error.ts';
import type { Simulation } from './simulation.ts';
import type { ProcessState } from './virtual-process.ts';

/** What a name server on the LAN takes. */
const answerMs = 1;

/** Names every host of the world can resolve: those of hosts, and what a scenario adds. */
export type NameTable = Map<string, readonly string[]>;

/** Asks the world's one name table, which is always reachable. */
export function virtualResolver(simulation: Simulation, process: ProcessState, names: NameTable): Resolver {
  return {
    resolve(host) {
      if (isIP(host.replace(/%.*$/, '')) !== 0) return Promise.resolve([host]);
      return new Promise((resolve, reject) => {
        simulation.after(answerMs, process, () => {
          const addresses = names.get(host.toLowerCase());
          if (addresses === undefined) reject(systemError('ENOTFOUND', `getaddrinfo ${host}`));
          else resolve([...addresses]);
        });
      });
    },
  };
}
