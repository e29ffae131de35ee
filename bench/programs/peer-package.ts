import { createRequire } from 'node:module';

/** Where bench/peers is installed; what is emitted from here stands in .cache/bench/programs. */
const requirePeer = createRequire(new URL('../../../bench/peers/package.json', import.meta.url));

/** A package of bench/peers. It is not there when this is type-checked, so the caller says what of it is used. */
export const peerPackage = (name: string): unknown => requirePeer(name);
