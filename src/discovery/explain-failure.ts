/** Where something failed. */
export interface FailurePlace {
  readonly method: string;
  /** `` where the method has none. */
  readonly interface: string;
  readonly family: 'ipv4' | 'ipv6' | '';
  /** Of the socket that is shared with others; 0 for none. */
  readonly port: number;
}

/** What an error means here, for people, and what to do about it; `` where nothing is to be done or nothing is known. */
export interface Explanation {
  readonly why: string;
  readonly cure: string;
}

const nothing: Explanation = { why: '', cure: '' };

/** `error` is a system's code (`ENETUNREACH`) or a text of this program. */
export function explainFailure(error: string, place: FailurePlace): Explanation {
  const found = place.method === 'seed' || place.method === 'dns' ? explainName(error) : explainSocket(error, place);
  return found ?? explainStorage(error) ?? nothing;
}

function explainSocket(error: string, place: FailurePlace): Explanation | undefined {
  const { interface: name, family, port } = place;
  const group = family === 'ipv6' ? 'ff00::/8' : '224.0.0.0/4';
  switch (error) {
    case 'ENETUNREACH':
      return {
        why: `the system has no route for multicast by ${name}`,
        cure: `ip ${family === 'ipv6' ? '-6 ' : ''}route add ${family === 'ipv6' ? 'multicast ' : ''}${group} dev ${name}`,
      };
    case 'EHOSTUNREACH':
    case 'ENETDOWN':
      return { why: `${name} has no connection`, cure: `plug it in, or: ip link set ${name} up` };
    case 'EPERM':
      return {
        why: 'a firewall on this host rejects what is sent',
        cure: `let UDP port ${port} out and in (nft list ruleset shows the rules)`,
      };
    case 'EACCES':
      return {
        why: 'the system does not permit it',
        cure: 'look at what confines this service (systemd, SELinux, a container)',
      };
    case 'EADDRINUSE':
      return {
        why: `another program has UDP port ${port} for itself alone`,
        cure: `ss -ulpn 'sport = :${port}' shows which; it has to share the port or to end`,
      };
    case 'ENODEV':
      return { why: `${name} is gone, or does no multicast`, cure: `ip link set ${name} multicast on` };
    case 'EADDRNOTAVAIL':
      return { why: `${name} has lost this address, or not yet confirmed it`, cure: '' };
    case 'ENOBUFS':
      return {
        why: 'the system permits no more multicast groups',
        cure: 'sysctl -w net.ipv4.igmp_max_memberships=256',
      };
    case 'EMFILE':
    case 'ENFILE':
      return { why: 'too many open files', cure: 'raise LimitNOFILE of the service, or ulimit -n' };
    case 'EAFNOSUPPORT':
      return { why: `this host has no ${family === 'ipv6' ? 'IPv6' : 'IPv4'}`, cure: '' };
    default:
      return undefined;
  }
}

function explainName(error: string): Explanation | undefined {
  switch (error) {
    case 'ENOTFOUND':
    case 'ENODATA':
      return {
        why: 'the name has neither addresses nor SRV records',
        cure: 'look at how the seed is spelt, and at the zone',
      };
    case 'EAI_AGAIN':
    case 'ETIMEOUT':
    case 'ECONNREFUSED':
      return { why: 'no name server answers', cure: 'look at /etc/resolv.conf; a seed may be an IP address too' };
    case 'not a loopback address':
      return {
        why: 'without a key or --open this node speaks on this host only',
        cure: 'start it with --open, or with a key',
      };
    default:
      return undefined;
  }
}

function explainStorage(error: string): Explanation | undefined {
  switch (error) {
    case 'ENOSPC':
      return { why: 'the disk is full', cure: 'make room in the data directory' };
    case 'EROFS':
    case 'EACCES':
      return {
        why: 'the data directory cannot be written',
        cure: 'give it to the user who runs the agent, or name another with --data',
      };
    default:
      return undefined;
  }
}
