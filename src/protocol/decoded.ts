/** Why bytes were not what they should be. The set is closed so that each can be a counter. */
export const malformedReasons = [
  'short', // ends before its last field
  'long', // goes on after its last field, or is larger than it may be
  'utf8', // a text that is not UTF-8 [N3]
  'name', // a name or command that is none [N7]
  'number', // an integer above 2^53 - 1 [N1]
  'range', // a value outside its set or bounds
  'count', // more of something than may be
  'twice', // a parameter or label that stands twice
  'address', // an unknown family, or port 0 [N4]
  'id', // the zero id where a node must be named [N2]
  'magic', // not the four bytes it begins with
  'kind', // a kind that is not known
] as const;

export type MalformedReason = (typeof malformedReasons)[number];

export interface Malformed {
  readonly ok: false;
  readonly reason: MalformedReason;
}

/** What every decoder returns: a value or a reason, never an exception [N5]. */
export type Decoded<Value> = { readonly ok: true; readonly value: Value } | Malformed;

const refusals = Object.fromEntries(malformedReasons.map((reason) => [reason, { ok: false, reason }])) as Readonly<
  Record<MalformedReason, Malformed>
>;

/** Made once for each reason: a flood of bad bytes allocates nothing. */
export function malformed(reason: MalformedReason): Malformed {
  return refusals[reason];
}
