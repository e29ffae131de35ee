/** Gives a text a colour, or leaves it as it is. */
export type Brush = (text: string) => string;

export interface Paint {
  readonly bold: Brush;
  readonly dim: Brush;
  readonly red: Brush;
  readonly green: Brush;
  readonly yellow: Brush;
  readonly cyan: Brush;
}

const plain: Brush = (text) => text;

/** Paint that paints nothing: for pipes, files, `--no-color` and NO_COLOR. */
export const noPaint: Paint = { bold: plain, dim: plain, red: plain, green: plain, yellow: plain, cyan: plain };

const brush =
  (on: number, off: number): Brush =>
  (text) =>
    `\u001b[${on}m${text}\u001b[${off}m`;

const ansiPaint: Paint = {
  bold: brush(1, 22),
  dim: brush(2, 22),
  red: brush(31, 39),
  green: brush(32, 39),
  yellow: brush(33, 39),
  cyan: brush(36, 39),
};

/** Colours for `stream`, unless somebody does not want them. */
export function paintFor(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
  isWanted: boolean,
): Paint {
  if (!isWanted || env['NO_COLOR'] || env['TERM'] === 'dumb') return noPaint;
  return stream.isTTY === true || env['FORCE_COLOR'] ? ansiPaint : noPaint;
}
