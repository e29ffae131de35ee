/** One address of one network interface. An interface with three addresses appears three times. */
export interface NetworkInterface {
  /** As the system names it: `eth0`, `lo`. */
  readonly name: string;
  /** Without scope. */
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  /** Length of the network prefix, 0 to 32 or 128. */
  readonly prefixLength: number;
  /** A loopback interface. */
  readonly internal: boolean;
}

export interface Interfaces {
  /** What is up now. Cheap enough to call once a second. */
  list(): readonly NetworkInterface[];
}
