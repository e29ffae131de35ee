/** Where a name says that a service is: a target's host and port. */
export interface ServiceLocation {
  readonly host: string;
  readonly port: number;
}

/** Turns a host name into addresses. */
export interface Resolver {
  /**
   * IPv4 and IPv6 addresses, at least one, in the system's order of preference. An address given as host is its own
   * answer. Rejects with the system's error (`ENOTFOUND`, `EAI_AGAIN`, …); may take many seconds to do so.
   */
  resolve(host: string): Promise<readonly string[]>;
  /** What the SRV records of `name` say, at least one, most preferred first. Rejects as `resolve` does. */
  resolveService(name: string): Promise<readonly ServiceLocation[]>;
}
