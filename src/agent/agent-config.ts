import type { TimingProfile } from '../membership/timing.ts';
import type { HostPort } from '../protocol/socket-address.ts';
import type { Strategy } from '../selection/strategy.ts';
import type { CheckSpec } from './checks/check-spec.ts';
import type { DnsChoice } from './dns/agent-dns.ts';

/** A plain HTTP program on this host that is an instance of `service`. */
export interface ServedTarget {
  readonly service: string;
  readonly url: string;
  readonly weight: number;
  readonly labels: Readonly<Record<string, string>>;
  /** At least one. */
  readonly checks: readonly CheckSpec[];
}

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** `auto`: readable on a terminal, JSON elsewhere. */
export const logFormats = ['auto', 'pretty', 'json'] as const;
export type LogFormat = (typeof logFormats)[number];

export const profileNames = ['local', 'lan', 'wan'] as const satisfies readonly TimingProfile[];

/** All that `fogata up` was told, by whichever way, with defaults filled in and everything checked. */
export interface AgentConfig {
  readonly name: string;
  /** Undefined: that of the stored key, or `fogata`. */
  readonly cluster: string | undefined;
  readonly open: boolean;
  /** First node port to try. */
  readonly port: number;
  /** Undefined: no HTTP port. */
  readonly http: HostPort | undefined;
  /** Undefined: names are not answered by DNS. */
  readonly dns: DnsChoice | undefined;
  /** Path of the Unix socket. */
  readonly socket: string;
  /** Directory of what must outlive the process. */
  readonly data: string;
  readonly seeds: readonly HostPort[];
  /** Addresses by which others reach this node; without a port, at the node port. */
  readonly advertise: readonly { readonly host: string; readonly port: number | undefined }[];
  /** Undefined: `local` on loopback, else `lan`. */
  readonly profile: TimingProfile | undefined;
  /** Within which a silent host is to be known; undefined: as the profile has it. */
  readonly detectWithinMs: number | undefined;
  readonly serve: readonly ServedTarget[];
  /** How calls from here choose an instance, by service; others by `best`. */
  readonly strategies: ReadonlyMap<string, Strategy>;
  readonly log: { readonly level: LogLevel; readonly format: LogFormat };
}
