const settled = Promise.resolve();

/**
 * Runs `callback` when no microtask is left, however long the chains of promises are. Node empties the microtask queue
 * before it goes on with its tick queue, so a tick that is queued by a microtask runs after all of them.
 */
export function afterMicrotasks(callback: () => void): void {
  // A promise that is settled already, as `queueMicrotask` keeps a record of each for the async hooks.
  void settled.then(() => process.nextTick(callback));
}

/** Runs `callback` in a later turn of the event loop, after input and output had their chance. */
export function nextTurn(callback: () => void): void {
  setImmediate(callback);
}
