import type { BeaconFlags } from '../discovery/beacon-composer.ts';
import type { Beacon } from '../protocol/beacon.ts';
import type { DirectoryRecord } from '../protocol/directory-record.ts';
import { versionsSpoken } from '../protocol/version.ts';

/** Who announces itself. */
export interface BeaconAuthor {
  readonly options: { readonly name: string; readonly cluster: string };
  readonly port: { readonly port: number };
}

/** What a node's next beacon says; the sequence is filled in where it is sent. */
export function beaconOf(
  author: BeaconAuthor,
  record: DirectoryRecord,
  hostLoad: number | undefined,
  flags: BeaconFlags,
): Beacon {
  return {
    ...versionsSpoken,
    node: record.id,
    incarnation: record.incarnation,
    sequence: 0,
    leaving: flags.leaving,
    seeking: flags.seeking,
    nodePort: author.port.port,
    nodeName: author.options.name,
    clusterName: author.options.cluster,
    recordVersion: record.version,
    hostLoad,
    services: record.services.map(({ name, state }) => ({ name, load: undefined, state })),
  };
}
