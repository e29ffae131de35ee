import type { StreamEvents } from './mesh-stream.ts';

/** For a stream that was reset: nothing is told after that. */
export const deafEvents: StreamEvents = {
  onReady() {},
  onAccept() {},
  onData() {},
  onDrain() {},
  onEnd() {},
  onFinish() {},
  onReset() {},
};
