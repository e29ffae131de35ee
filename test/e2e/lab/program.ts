import { fileURLToPath } from 'node:url';
import type { Child } from './child.ts';
import type { Host } from './lab.ts';

const file = fileURLToPath(new URL('../programs/plain-program.mjs', import.meta.url));

/** Starts a plain HTTP program on a host, at 127.0.0.1 unless told otherwise; resolves when it listens. */
export async function startProgram(host: Host, name: string, port = 8080, address = '127.0.0.1'): Promise<Child> {
  const program = host.start('node', [file, name, String(port), address]);
  await program.says(/ready/);
  return program;
}
