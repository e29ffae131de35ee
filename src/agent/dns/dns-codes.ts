/** Types of records that are asked for or answered here (RFC 1035, 3596, 2782, 6891). */
export const RecordType = {
  a: 1,
  ns: 2,
  soa: 6,
  hinfo: 13,
  txt: 16,
  aaaa: 28,
  srv: 33,
  opt: 41,
  /** Transfers of a whole zone. */
  ixfr: 251,
  axfr: 252,
  any: 255,
} as const;

/** Response codes (RFC 1035, 4.1.1); those above 15 need EDNS. */
export const ResponseCode = {
  good: 0,
  malformed: 1,
  failed: 2,
  noSuchName: 3,
  notImplemented: 4,
  refused: 5,
  badVersion: 16,
} as const;

export type ResponseCode = (typeof ResponseCode)[keyof typeof ResponseCode];

export const classInternet = 1;
