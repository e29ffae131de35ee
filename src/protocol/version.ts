import type { Reader } from './reader.ts';

/** The oldest version of the protocol this code speaks [V3]. */
export const versionOldest = 1;

/** The newest version of the protocol this code speaks. */
export const versionNewest = 1;

/** The versions somebody speaks, both ends included. */
export interface VersionRange {
  readonly versionOldest: number;
  readonly versionNewest: number;
}

/** What this code speaks. */
export const versionsSpoken: VersionRange = { versionOldest, versionNewest };

/** The highest version both speak, or `undefined` when there is none [F2] [V1]. */
export function commonVersion(a: VersionRange, b: VersionRange): number | undefined {
  const version = Math.min(a.versionNewest, b.versionNewest);
  return version >= a.versionOldest && version >= b.versionOldest ? version : undefined;
}

/** Two bytes, oldest and newest: from 1, and in this order [V3]. */
export function readVersions(reader: Reader): VersionRange {
  const oldest = reader.u8();
  const newest = reader.u8();
  if (oldest === 0 || oldest > newest) reader.fail('range');
  return { versionOldest: oldest, versionNewest: newest };
}
