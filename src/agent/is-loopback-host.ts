import { isIP } from 'node:net';

/** True for names and addresses that never leave this host. Brackets of IPv6 are permitted. */
export function isLoopbackHost(host: string): boolean {
  const plain = host
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
  if (plain === 'localhost' || plain.endsWith('.localhost') || plain === '::1') return true;
  return isIP(plain) === 4 && plain.startsWith('127.');
}
