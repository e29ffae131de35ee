/** Types of records that are asked for or said here (RFC 1035, 2782, 3596). */
const types: Readonly<Record<string, number>> = { A: 1, PTR: 12, TXT: 16, AAAA: 28, SRV: 33, ANY: 255 };

/** `TYPE47` of one that has no name here (RFC 3597, 5). */
export function mdnsTypeText(type: number): string {
  return Object.keys(types).find((text) => types[text] === type) ?? `TYPE${type}`;
}

export function mdnsTypeNumber(text: string): number {
  return types[text] ?? Number(text.slice('TYPE'.length));
}
