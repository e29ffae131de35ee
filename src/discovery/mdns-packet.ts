/** What a record says. Names are in small letters, without a dot at the end. */
export type MdnsData =
  | { readonly type: 'PTR'; readonly target: string }
  | { readonly type: 'SRV'; readonly target: string; readonly port: number }
  | { readonly type: 'TXT'; readonly texts: readonly string[] }
  | { readonly type: 'A' | 'AAAA'; readonly address: string };

export type MdnsRecord = MdnsData & {
  readonly name: string;
  readonly ttlS: number;
  /** Whoever hears it forgets others of its name and type (RFC 6762, 10.2). */
  readonly flush: boolean;
};

export interface MdnsQuestion {
  readonly name: string;
  /** As DNS calls it: `PTR`, `ANY`, …; `TYPE47` where it has no name here (RFC 3597, 5). */
  readonly type: string;
  /** Whoever asks would rather have the answer alone (5.4). */
  readonly unicast: boolean;
}

export interface MdnsMessage {
  readonly id: number;
  readonly isResponse: boolean;
  /** More known answers follow in another (7.2). */
  readonly isTruncated: boolean;
  readonly questions: readonly MdnsQuestion[];
  readonly answers: readonly MdnsRecord[];
  /** In a probe: what the sender wants to say of the names it asks for (8.2). */
  readonly authorities: readonly MdnsRecord[];
  readonly additionals: readonly MdnsRecord[];
}

/** More than an Ethernet frame holds. What names that point at names cost to read grows with the square of the length. */
export const mdnsBytesMax = 2_048;

/** Equal for records that say the same, but for how long. */
export function recordKey(record: MdnsRecord): string {
  const { ttlS: _, flush: __, ...said } = record;
  return JSON.stringify(Object.entries(said).sort(([a], [b]) => (a < b ? -1 : 1)));
}
