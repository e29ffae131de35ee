import type { Row } from './row.ts';

const heads = ['', 'rate', '× tcp', 'p50 µs', 'p99 µs', 'CPU µs'];

/** The rows of one shape, for people. */
export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.system,
    rateText(row.rate),
    row.ratioToTcp === null ? '' : row.ratioToTcp.toPrecision(2),
    number(row.p50us),
    number(row.p99us),
    number(row.cpuUsPerMessage),
  ]);
  const widths = heads.map((head, i) => Math.max(head.length, ...cells.map((line) => line[i]?.length ?? 0)));
  const line = (texts: readonly string[]) =>
    texts.map((text, i) => (i === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[i] ?? 0))).join('  ');
  return [heads, ...cells].map((texts) => `  ${line(texts)}`).join('\n');
}

/** The same as Markdown. */
export function markdownOf(rows: readonly Row[]): string {
  const shapes = [...new Set(rows.map(({ shape }) => shape))];
  const lines = rows.map((row) => {
    const ratio = row.ratioToTcp === null ? '' : row.ratioToTcp.toPrecision(2);
    const rest = [rateText(row.rate), ratio, number(row.p50us), number(row.p99us), number(row.cpuUsPerMessage)];
    return { shape: row.shape, line: `| ${row.system} | ${rest.join(' | ')} |` };
  });
  return shapes
    .map((shape) => {
      const own = lines.filter((each) => each.shape === shape).map(({ line }) => line);
      const head = `| \`${shape}\` | ${heads.slice(1).join(' | ')} |\n|---|${'--:|'.repeat(heads.length - 1)}`;
      return `${head}\n${own.join('\n')}`;
    })
    .join('\n\n');
}

const number = (value: number | null) =>
  value === null ? '' : value < 10 ? value.toFixed(1) : String(Math.round(value));

function rateText(rate: number): string {
  if (rate >= 1e6) return `${(rate / 1e6).toFixed(2)} M`;
  return rate >= 10_000 ? `${(rate / 1e3).toFixed(0)} k` : String(Math.round(rate));
}
