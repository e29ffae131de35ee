import type { Load, Task } from './load.ts';

/** What a process of a system does when the stage asks. */
export interface Player {
  /** A client: does it, and says how it went. */
  perform?(task: Task): Promise<Load>;
  /** A receiver: how much has arrived since its start, messages or bytes. */
  counted?(): number;
}

export type Order = { readonly perform: Task } | { readonly counted: true };
export type Answer =
  | { readonly ready: unknown }
  | { readonly load: Load }
  | { readonly count: number }
  | { readonly failed: string };

/**
 * The process's life: it gets its settings as its one argument, says what others must know of it (such as its port), obeys
 * orders one at a time, and ends when the stage lets go of it.
 */
export async function play(
  enter: (settings: never) => Promise<{ readonly player: Player; readonly facts?: unknown }>,
): Promise<void> {
  const tell = (answer: Answer) => void process.send?.(answer);
  process.once('disconnect', () => process.exit(0));
  try {
    const { player, facts } = await enter(JSON.parse(process.argv[2] ?? '{}') as never);
    process.on('message', (order: Order) => {
      obey(player, order).then(tell, (error: unknown) => tell({ failed: textOf(error) }));
    });
    tell({ ready: facts ?? null });
  } catch (error) {
    tell({ failed: textOf(error) });
  }
}

async function obey(player: Player, order: Order): Promise<Answer> {
  if ('counted' in order) return { count: player.counted?.() ?? 0 };
  if (player.perform === undefined) throw new Error('this one performs nothing');
  return { load: await player.perform(order.perform) };
}

const textOf = (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error));
