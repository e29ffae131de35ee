import type { Program } from './program.ts';
import type { Shape } from './shape.ts';
import type { Stage } from './stage.ts';

/** The processes of a system, connected and ready. */
export interface Cast {
  readonly clients: readonly Program[];
  /** Counts what arrived, where the clients cannot know it. */
  readonly receiver: Program | undefined;
}

export interface Needs {
  readonly clients: number;
  /** 0: one service that echoes. */
  readonly subscribers: number;
}

export interface System {
  readonly name: string;
  /** What it is, for people. */
  readonly note: string;
  readonly verbs: readonly Shape['verb'][];
  /** Too many processes to start for this, where there is less than a minute for all. */
  readonly notQuick?: Shape['verb'];
  /** Its client may use up a core to get at its speed: it is warmed up for longer. */
  readonly heavy: boolean;
  start(stage: Stage, needs: Needs): Promise<Cast>;
}

/** As many clients as are needed, one after the other. */
export async function clientsOf(needs: Needs, start: (index: number) => Promise<Program>): Promise<Program[]> {
  const clients: Program[] = [];
  for (let i = 0; i < needs.clients; i += 1) clients.push(await start(i));
  return clients;
}
