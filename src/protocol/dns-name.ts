import type { Writer } from './writer.ts';

/** Writes a name in full, and the root behind it (RFC 1035, 3.1). The caller sees to it that no label has more than 63 bytes. */
export function writeDnsName(writer: Writer, name: string): void {
  for (const label of name.split('.')) if (label !== '') writer.str8(label);
  writer.u8(0);
}
