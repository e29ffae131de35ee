import { FogataError } from './fogata-error.ts';
import type { NodeId } from './ids.ts';
import { addressesMax } from './limits.ts';
import type { Reader } from './reader.ts';
import type { SocketAddress } from './socket-address.ts';
import { readVersions } from './version.ts';
import { readAddress, writeAddress } from './wire-address.ts';
import type { Writer } from './writer.ts';

/** What is believed of a member, in the order in which one overrides another at the same incarnation [M1]. */
export const memberStates = ['alive', 'degraded', 'suspect', 'dead', 'left'] as const;

export type MemberState = (typeof memberStates)[number];

/**
 * What led to the word. `silent`: neither it nor its host answered. `refused`: its host answers, its port is closed.
 * `frozen`: its host completes handshakes, it says nothing. `stalled`: it says itself that it did not run. `unstable`: it says
 * itself that it was doubted again and again.
 */
export const memberCauses = ['silent', 'refused', 'frozen', 'stalled', 'unstable'] as const;

export type MemberCause = (typeof memberCauses)[number];

/** One row of the membership table as it is told to others. */
export interface MemberUpdate {
  readonly id: NodeId;
  readonly incarnation: number;
  readonly state: MemberState;
  readonly versionOldest: number;
  readonly versionNewest: number;
  /** Version of the newest directory record that is known to exist of this member [R2]. */
  readonly recordVersion: number;
  /** The node that says so; independent accusers shorten a suspicion [M5]. `noNode` where it is not known. */
  readonly by: NodeId;
  readonly name: string;
  /** Most useful first, at most `addressesMax`. Never with a scope. */
  readonly addresses: readonly SocketAddress[];
  readonly cause: MemberCause | undefined;
}

/** Body of a member item. */
export function writeMember(writer: Writer, update: MemberUpdate): void {
  if (update.addresses.length > addressesMax) throw new FogataError('too-large', `more than ${addressesMax} addresses`);
  writer.nodeId(update.id);
  writer.u64(update.incarnation);
  writer.word(memberStates, update.state);
  writer.u8(update.versionOldest);
  writer.u8(update.versionNewest);
  writer.u32(update.recordVersion);
  writer.nodeId(update.by);
  writer.name(update.name);
  writer.u8(update.addresses.length);
  for (const where of update.addresses) writeAddress(writer, where);
  writer.u8(update.cause === undefined ? 0 : memberCauses.indexOf(update.cause) + 1);
}

export function readMember(reader: Reader): MemberUpdate {
  const id = reader.nodeId();
  const incarnation = reader.u64();
  const state = reader.word(memberStates);
  const { versionOldest, versionNewest } = readVersions(reader);
  const recordVersion = reader.u32();
  const by = reader.nodeIdOrNone();
  const name = reader.name();
  const count = reader.count8(addressesMax);
  const addresses: SocketAddress[] = [];
  for (let i = 0; i < count && !reader.failed; i++) addresses.push(readAddress(reader));
  // One of a later revision is none [N9].
  const cause = memberCauses[reader.u8() - 1];
  return { id, incarnation, state, versionOldest, versionNewest, recordVersion, by, name, addresses, cause };
}
