import { setTimeout as pause } from 'node:timers/promises';

const pauseMs = 10;

/** Asks `probe` again and again until it says something; what it threw last is told when it never does. */
export async function until<Found>(
  what: string,
  withinMs: number,
  probe: () => Promise<Found | undefined> | Found | undefined,
): Promise<Found> {
  const endAt = performance.now() + withinMs;
  let last: unknown;
  for (;;) {
    try {
      const found = await probe();
      if (found !== undefined) return found;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > endAt) throw new Error(`not within ${withinMs} ms: ${what}`, { cause: last });
    await pause(pauseMs);
  }
}

/** As `until`, for what is true or not. */
export async function untilTrue(
  what: string,
  withinMs: number,
  probe: () => Promise<boolean> | boolean,
): Promise<void> {
  await until(what, withinMs, async () => ((await probe()) ? true : undefined));
}
