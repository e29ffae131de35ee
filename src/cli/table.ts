import type { Brush } from './paint.ts';

export interface Cell {
  readonly text: string;
  readonly brush?: Brush;
}

export interface Column {
  readonly title: string;
  readonly align?: 'right';
}

const gap = '  ';

/** Aligned columns under their titles, one line each, without spaces at the ends of lines. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly (Cell | string)[])[],
  titleBrush: Brush,
): string[] {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'string' ? { text: cell } : cell)));
  const widths = columns.map(({ title }, index) =>
    Math.max(widthOf(title), ...cells.map((row) => widthOf(row[index]?.text ?? ''))),
  );
  const line = (row: readonly Cell[]): string =>
    columns
      .map(({ align }, index) =>
        padded(row[index] ?? { text: '' }, widths[index] ?? 0, align, index === columns.length - 1),
      )
      .join(gap)
      .trimEnd();
  const titles = line(columns.map(({ title }) => ({ text: title })));
  return [titleBrush(titles), ...cells.map(line)];
}

function padded({ text, brush }: Cell, width: number, align: 'right' | undefined, isLast: boolean): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  const painted = brush === undefined ? text : brush(text);
  if (align === 'right') return space + painted;
  return isLast ? painted : painted + space;
}

/** Characters, not code units. Names are ASCII; wide characters in labels may stand out. */
function widthOf(text: string): number {
  return Array.from(text).length;
}
