import { FogataError } from '../protocol/fogata-error.ts';

/** What is to become of the instance on one node. */
export interface MaintenanceChange {
  readonly node: string;
  readonly drained?: boolean;
  /** Null: as the program says itself. */
  readonly weight?: number | null;
}

interface Flags {
  readonly drain?: string;
  readonly undrain?: string;
  readonly weight?: string;
}

/** Undefined: nothing is to be changed. Throws FogataError `invalid`. */
export function changeOf({ drain, undrain, weight }: Flags): MaintenanceChange | undefined {
  if ([drain, undrain, weight].filter((flag) => flag !== undefined).length > 1) {
    throw new FogataError('invalid', 'one of --drain, --undrain and --weight at a time');
  }
  if (drain === '' || undrain === '') {
    throw new FogataError('invalid', `--${drain === '' ? 'drain' : 'undrain'}: expected the name of a node, found ""`);
  }
  if (drain !== undefined) return { node: drain, drained: true };
  if (undrain !== undefined) return { node: undrain, drained: false };
  if (weight === undefined) return undefined;
  const [, node = '', value = ''] = /^([^=]+)=(\d{1,4}|own)$/.exec(weight) ?? [];
  if (node === '' || Number(value) > 1_000) {
    const found = JSON.stringify(weight);
    throw new FogataError('invalid', `--weight: expected NODE=0 to NODE=1000, or NODE=own, found ${found}`);
  }
  return { node, weight: value === 'own' ? null : Number(value) };
}
