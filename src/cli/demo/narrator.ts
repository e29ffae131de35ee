import type { Clock, Timer } from '../../runtime/clock.ts';
import type { VerbContext } from '../verb-context.ts';
import { type DemoState, demoLine, demoView } from './demo-view.ts';
import { liveScreen } from './live-screen.ts';

/** Tells the viewer: redrawn in place on a terminal, line by line elsewhere, nothing for programs. */
export interface Narrator {
  /** Something has changed that must be seen at once. */
  tell(): void;
  end(): void;
}

const redrawMs = 100;
const lineMs = 1_000;

export function narrator(context: VerbContext, clock: Clock, stateNow: () => DemoState): Narrator {
  if (context.json) return { tell() {}, end() {} };
  return hasRoom(process.stdout) ? screenNarrator(context, clock, stateNow) : lineNarrator(context, clock, stateNow);
}

/** What is redrawn in place must fit, or it would be drawn below itself. */
function hasRoom({ isTTY, columns, rows }: NodeJS.WriteStream): boolean {
  return isTTY && columns >= 80 && rows >= 22;
}

function screenNarrator({ paint }: VerbContext, clock: Clock, stateNow: () => DemoState): Narrator {
  const screen = liveScreen((text) => void process.stdout.write(text));
  const draw = (): void => screen.draw(demoView(stateNow(), paint));
  const stop = repeat(clock, redrawMs, draw);
  return {
    tell: draw,
    end() {
      stop();
      draw();
      screen.end();
    },
  };
}

function lineNarrator({ print }: VerbContext, clock: Clock, stateNow: () => DemoState): Narrator {
  const stop = repeat(clock, lineMs, () => {
    const state = stateNow();
    if (state.calls > 0) print(demoLine(state));
  });
  let told = '';
  return {
    tell() {
      const { act, title, story } = stateNow();
      const text = ['', `${act}  ${title}`, ...story.filter((line) => line !== '').map((line) => `   ${line}`)].join(
        '\n',
      );
      if (text !== told) print(text);
      told = text;
    },
    end: stop,
  };
}

function repeat(clock: Clock, everyMs: number, run: () => void): () => void {
  let timer: Timer = clock.schedule(everyMs, again);
  function again(): void {
    run();
    timer = clock.schedule(everyMs, again);
  }
  return () => timer.cancel();
}
