import { clusterTagBytes } from './cluster-tag.ts';
import { type Decoded, malformed } from './decoded.ts';
import type { NodeId } from './ids.ts';
import { softwareBytesMax } from './limits.ts';
import { Reader } from './reader.ts';
import { cutUtf8 } from './utf8.ts';
import { readVersions } from './version.ts';
import type { Writer } from './writer.ts';

/** What is at an end of a link, in the order of their numbers on the wire (from 1). */
export const linkRoles = ['node', 'program'] as const;

export type LinkRole = (typeof linkRoles)[number];

/** The first frame each way on a link [F1]. */
export interface Hello {
  readonly versionOldest: number;
  readonly versionNewest: number;
  readonly clusterTag: Uint8Array;
  readonly role: LinkRole;
  /** `noNode` only from a program. */
  readonly node: NodeId;
  readonly incarnation: number;
  /** 0: none. */
  readonly nodePort: number;
  /** `''` only from a program. */
  readonly nodeName: string;
  readonly clusterName: string;
  /** Name and version, for people. */
  readonly software: string;
}

const magic = 0x4647_544c;

export function writeHello(writer: Writer, hello: Hello): void {
  writer.u32(magic);
  writer.u8(hello.versionOldest);
  writer.u8(hello.versionNewest);
  writer.raw(hello.clusterTag.subarray(0, clusterTagBytes));
  writer.word(linkRoles, hello.role);
  writer.nodeId(hello.node);
  writer.u64(hello.incarnation);
  writer.u16(hello.nodePort);
  writer.nameOrNone(hello.nodeName);
  writer.name(hello.clusterName);
  writer.str8(cutUtf8(hello.software, softwareBytesMax));
}

/** `start` is where the rest of the frame begins. The tag is a copy. */
export function decodeHello(bytes: Uint8Array, start: number, end: number): Decoded<Hello> {
  const reader = new Reader(bytes, start, end);
  if (reader.u32() !== magic) return malformed(reader.reason ?? 'magic');
  const { versionOldest, versionNewest } = readVersions(reader);
  const tag = reader.raw(clusterTagBytes).slice();
  const role = reader.word(linkRoles);
  const node = role === 'node' ? reader.nodeId() : reader.nodeIdOrNone();
  const incarnation = reader.u64();
  const nodePort = reader.u16();
  const nodeName = role === 'node' ? reader.name() : reader.nameOrNone();
  const clusterName = reader.name();
  const software = reader.str8();
  return reader.result({
    versionOldest,
    versionNewest,
    clusterTag: tag,
    role,
    node,
    incarnation,
    nodePort,
    nodeName,
    clusterName,
    software,
  });
}
