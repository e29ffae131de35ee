import { areFlagsFrozen } from './frozen-flags.ts';

/** Collects V8's young generation, now. */
export type CollectYoung = () => void;

type Collect = (options: { readonly type: 'minor' }) => void;

/**
 * Takes a millisecond. V8 gives its collector to contexts that are made while it is told to: the program's own does not get
 * it. Both modules are loaded here, for most never need them.
 */
export function collectYoung(): CollectYoung {
  const collect = findCollect();
  return () => collect({ type: 'minor' });
}

function findCollect(): Collect {
  const given: unknown = Reflect.get(globalThis, 'gc');
  if (isCollect(given)) return given;
  if (areFlagsFrozen()) return () => undefined;
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  setFlagsFromString('--expose-gc');
  const made: unknown = process.getBuiltinModule('node:vm').runInNewContext('globalThis.gc');
  setFlagsFromString('--no-expose-gc');
  // Without it V8 collects when it thinks fit.
  return isCollect(made) ? made : () => undefined;
}

function isCollect(value: unknown): value is Collect {
  return typeof value === 'function';
}
