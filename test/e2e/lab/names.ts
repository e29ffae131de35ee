import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Host, Lab } from './lab.ts';

const file = fileURLToPath(new URL('../programs/name-server.mjs', import.meta.url));

/** What a name has, by type: `{ 'db.example': { A: ['10.77.0.2'] } }`. */
export type Zone = Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>>;

/** The host, with a name server of its own at 127.0.0.1, which all that is started there asks. */
export async function withNames(lab: Lab, host: Host, zone: Zone): Promise<Host> {
  const server = host.start('node', [file, JSON.stringify(zone)]);
  await server.says(/ready/);
  return askingItself(lab, host);
}

/** The host, where all that is started or run asks the name server at 127.0.0.1, whoever that is. */
export function askingItself(lab: Lab, host: Host): Host {
  const config = join(lab.folder, `${host.namespace}.resolv`);
  writeFileSync(config, 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n');
  const script = 'mount --bind "$0" /etc/resolv.conf && exec "$@"';
  const inside = (command: string, args: readonly string[]) => ['-m', 'sh', '-c', script, config, command, ...args];
  return {
    ...host,
    start: (command, args, env) => host.start('unshare', inside(command, args), env),
    run: (command, args, input) => host.run('unshare', inside(command, args), input),
  };
}
