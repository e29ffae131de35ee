import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Resolver } from './resolver.ts';

/**
 * Look-ups under way at once. Each holds one of the four threads that disk writes use too, for many seconds when no name
 * server answers: without the bound a few dead names would stall the disk.
 */
const lookupsMax = 2;

/** Resolves the way every other program of this host does, `/etc/hosts` included. */
export function systemResolver(): Resolver {
  const waiting: (() => void)[] = [];
  let running = 0;

  async function resolve(host: string): Promise<readonly string[]> {
    const bare = host.replace(/%.*$/, '');
    if (isIP(bare) !== 0) return [host];
    if (running >= lookupsMax) await new Promise<void>((resume) => waiting.push(resume));
    else running += 1;
    try {
      const found = await lookup(host, { all: true, verbatim: true });
      return [...new Set(found.map((entry) => entry.address))];
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  }

  return { resolve };
}
