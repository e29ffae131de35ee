const frozenFlags = /^--freeze[-_]flags[-_]after[-_]init$/;

/** V8 ends a process that sets one of its flags when they are frozen. */
export function areFlagsFrozen(): boolean {
  return process.execArgv.some((flag) => frozenFlags.test(flag));
}
