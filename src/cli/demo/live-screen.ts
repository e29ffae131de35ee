/** Draws the same lines again and again: in place on a terminal. */
export interface LiveScreen {
  draw(lines: readonly string[]): void;
  /** Leaves what was drawn last on the screen, and the cursor below it. */
  end(): void;
}

const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';
const clearLine = '\u001b[K';
const clearBelow = '\u001b[J';

/** `write` goes to a terminal. */
export function liveScreen(write: (text: string) => void): LiveScreen {
  let drawn = 0;
  let isOpen = false;
  const restore = (): void => {
    if (isOpen) write(showCursor);
    isOpen = false;
  };
  return {
    draw(lines) {
      if (!isOpen) {
        isOpen = true;
        write(hideCursor);
        process.once('exit', restore);
      }
      const up = drawn === 0 ? '' : `\u001b[${drawn}A`;
      // One write for all: a terminal that draws half of it would flicker.
      write(`${up}\r${lines.map((line) => `${line}${clearLine}\n`).join('')}${clearBelow}`);
      drawn = lines.length;
    },
    end: restore,
  };
}
