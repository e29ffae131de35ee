import { isIP } from 'node:net';
import type { Resolver, ServiceLocation } from './resolver.ts';
import { systemError } from './system-error.ts';

/**
 * Look-ups under way at once. Each holds one of the four threads that disk writes use too, for many seconds when no name
 * server answers: without the bound a few dead names would stall the disk.
 */
const lookupsMax = 2;

/** Who looks no name up is spared the memory. */
const dns = () => process.getBuiltinModule('node:dns/promises');

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
      const found = await dns().lookup(host, { all: true, verbatim: true });
      return [...new Set(found.map((entry) => entry.address))];
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  }

  return { resolve, resolveService };
}

/** How long a name server may take, and how often it is asked: whoever wants it again asks again. */
const serviceQuery = { timeout: 2_000, tries: 2 };

/** Asks the name servers directly, without a thread. A new resolver each time, for they change with the network. */
async function resolveService(name: string): Promise<readonly ServiceLocation[]> {
  const { Resolver: DnsResolver } = dns();
  const records = await new DnsResolver(serviceQuery).resolveSrv(name);
  // RFC 2782: a target of "." says that the service is decidedly not there.
  const offered = records.filter((record) => record.name !== '' && record.name !== '.');
  if (offered.length === 0) throw systemError('ENODATA', `querySrv ${name}`);
  offered.sort((a, b) => a.priority - b.priority || b.weight - a.weight);
  return offered.map((record) => ({ host: record.name, port: record.port }));
}
