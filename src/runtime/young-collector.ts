import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** So many bytes of Buffers are made from one young collection to the next: an eighth of what makes V8 mark the whole heap. */
export const collectedEveryBytes = 8_388_608;

/**
 * Has the young generation collected by what large Buffers take. They lie outside of V8's heap and do not fill its young
 * generation, whose collection would free them; of 64 MiB of them V8 begins to mark the whole heap. Who makes large Buffers
 * and little else, as the reader of a stream does, has it marked again and again, for most of its processor time. A young
 * collection with nothing in it takes 50 µs.
 */
export class YoungCollector {
  private uncollectedBytes = 0;
  /** Found when it is first needed: it takes a millisecond. */
  private collect: Collect | undefined = undefined;

  /** A Buffer of so many bytes was made. */
  made(bytes: number): void {
    this.uncollectedBytes += bytes;
    if (this.uncollectedBytes < collectedEveryBytes) return;
    this.uncollectedBytes = 0;
    this.collect ??= findCollect();
    this.collect({ type: 'minor' });
  }
}

type Collect = (options: { readonly type: 'minor' }) => void;

/** V8 gives it to contexts that are made while it is told to: the program's own does not get it. */
function findCollect(): Collect {
  const given: unknown = Reflect.get(globalThis, 'gc');
  if (isCollect(given)) return given;
  setFlagsFromString('--expose-gc');
  const made: unknown = runInNewContext('globalThis.gc');
  setFlagsFromString('--no-expose-gc');
  // Without it V8 marks when it thinks fit.
  return isCollect(made) ? made : () => undefined;
}

function isCollect(value: unknown): value is Collect {
  return typeof value === 'function';
}
