const settled = Promise.resolve();

/** Runs it as a microtask. A promise that is settled already, as `queueMicrotask` keeps a record of each for the async hooks. */
export function atTurnEnd(run: () => void): void {
  void settled.then(run);
}

/**
 * Runs `callback` when no microtask is left, however long the chains of promises are. Node empties the microtask queue
 * before it goes on with its tick queue, so a tick that is queued by a microtask runs after all of them.
 */
export function afterMicrotasks(callback: () => void): void {
  atTurnEnd(() => process.nextTick(callback));
}

/** Runs `callback` in a later turn of the event loop, after input and output had their chance. */
export function nextTurn(callback: () => void): void {
  setImmediate(callback);
}
