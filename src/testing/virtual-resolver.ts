import { isIP } from 'node:net';
import type { Resolver, ServiceLocation } from '../runtime/resolver.ts';
import { systemError } from '../runtime/system-error.ts';
import type { Simulation } from './simulation.ts';
import type { ProcessState } from './virtual-process.ts';

/** What a name server on the LAN takes. */
const answerMs = 1;

/** Names every host of the world can resolve: those of hosts, and what a scenario adds. */
export interface NameTable {
  readonly hosts: Map<string, readonly string[]>;
  /** SRV records, most preferred first. */
  readonly services: Map<string, readonly ServiceLocation[]>;
}

/** Asks the world's one name table, which is always reachable. */
export function virtualResolver(simulation: Simulation, process: ProcessState, names: NameTable): Resolver {
  function answer<Found>(table: ReadonlyMap<string, readonly Found[]>, name: string): Promise<readonly Found[]> {
    return new Promise((resolve, reject) => {
      simulation.after(answerMs, process, () => {
        const found = table.get(name.toLowerCase());
        if (found === undefined) reject(systemError('ENOTFOUND', `no such name: ${name}`));
        else resolve([...found]);
      });
    });
  }

  return {
    resolve(host) {
      if (isIP(host.replace(/%.*$/, '')) !== 0) return Promise.resolve([host]);
      return answer(names.hosts, host);
    },
    resolveService: (name) => answer(names.services, name),
  };
}
