import { canonicalIp } from '../protocol/ip-address.ts';
import { nodePortDefault } from '../protocol/limits.ts';

/** Where somebody of the cluster may be: a name or address, and a node port. */
export interface SeedAddress {
  readonly host: string;
  readonly port: number;
}

/** The longest name DNS knows. */
const hostBytesMax = 253;

/** Reads `host`, `host:port`, `192.0.2.1:7472`, `2001:db8::1`, `[2001:db8::1]:7472`; `undefined` for anything else. */
export function parseSeedAddress(text: string): SeedAddress | undefined {
  if (isIpv6(text)) return { host: text, port: nodePortDefault };
  const parts = /^(?:\[(?<ipv6>[^\]]+)\]|(?<host>[A-Za-z0-9._-]+))(?::(?<port>\d{1,5}))?$/.exec(text)?.groups;
  if (parts === undefined) return undefined;
  const { ipv6, host = '', port: digits } = parts;
  const port = digits === undefined ? nodePortDefault : Number(digits);
  if (port < 1 || port > 65_535 || host.length > hostBytesMax) return undefined;
  if (ipv6 === undefined) return { host, port };
  return isIpv6(ipv6) ? { host: ipv6, port } : undefined;
}

/** A seed as people write it. */
export function formatSeedAddress({ host, port }: SeedAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function isIpv6(text: string): boolean {
  return text.includes(':') && canonicalIp(text) !== undefined;
}
