import type { DetectionView, DiscoveryView, MethodView, NodeView } from '../api/views.ts';
import type { Paint } from './paint.ts';
import { showLine } from './show-text.ts';
import { showAge, showDuration } from './show-time.ts';
import { type Cell, table } from './table.ts';

/** The ways in which a node was found, the first of them marked. */
export function foundByText(node: NodeView, now: number, paint: Paint): string[] {
  return node.foundBy.map((way, i) => {
    const place = way.interface === '' ? '' : ` on ${way.interface}`;
    const age = `${showAge(now - Date.parse(way.since))} ago`;
    return paint.dim(`    ${way.method}${place}${viaText(way)}, ${age}${i === 0 ? ' (first)' : ''}`);
  });
}

/** How this node looks for others, method by method, and what is odd. */
export function discoveryText({ methods, notices }: DiscoveryView, paint: Paint): string[] {
  const columns = [
    { title: 'METHOD' },
    { title: 'ON' },
    { title: 'AT' },
    { title: 'STATE' },
    { title: 'SENT', align: 'right' as const },
    { title: 'HEARD', align: 'right' as const },
    { title: 'FOUND', align: 'right' as const },
  ];
  const shown = methods.filter(isWorthALine);
  const [titles = '', ...lines] = table(
    columns,
    shown.map((method) => rowOf(method, paint)),
    paint.dim,
  );
  const rows = shown.flatMap((method, i) => [lines[i] ?? '', ...explanationOf(method, paint)]);
  return [
    ...notices.flatMap((notice) => noticeText(notice, paint)),
    paint.bold('How this node looks for others'),
    titles,
    ...rows,
  ];
}

/** How soon a host that falls silent is called dead, and why not as soon as was asked for. */
export function detectionText({ askedMs, withinMs, why }: DetectionView, paint: Paint): string {
  const text = `A host that falls silent is called dead within ${showDuration(withinMs)}`;
  if (askedMs === null) return text;
  const asked = `${text} (asked for: ${showDuration(askedMs)})`;
  return why === '' ? asked : paint.yellow(`${asked}: ${showLine(why, 300)}`);
}

/**
 * Loopback matters to those of one host alone, and it has no IPv6 multicast. What nobody was found by and what is not tried
 * is left out, too.
 */
function isWorthALine({ interface: name, at, state, found, method }: MethodView): boolean {
  if (name === 'lo') return found > 0 || (state === 'failing' && !at.includes(':'));
  return state !== 'idle' && !(method === 'remembered' && found === 0 && state === 'working');
}

function rowOf(view: MethodView, paint: Paint): (Cell | string)[] {
  const { method, interface: name, at, state, sent, heard, found } = view;
  const brush = state === 'working' ? paint.green : state === 'failing' ? paint.red : paint.yellow;
  const number = (value: number | null) => (value === null ? '–' : String(value));
  return [
    method,
    name === '' ? '–' : name,
    at === '' ? '–' : at,
    { text: state, brush },
    number(sent),
    number(heard),
    String(found),
  ];
}

function explanationOf({ state, lastError, why, cure }: MethodView, paint: Paint): string[] {
  const error = state === 'failing' && lastError !== null ? `${lastError}: ` : '';
  const lines: string[] = [];
  if (error !== '' || why !== '')
    lines.push(`    ${showLine(`${error}${why === '' ? 'no more is known' : why}`, 300)}`);
  if (cure !== '') lines.push(`    → ${showLine(cure, 300)}`);
  return lines.map(paint.yellow);
}

function noticeText({ text, cure }: DiscoveryView['notices'][number], paint: Paint): string[] {
  return [paint.yellow(`warning: ${showLine(text, 500)}`), paint.yellow(`    → ${showLine(cure, 300)}`), ''];
}

function viaText({ method, via }: NodeView['foundBy'][number]): string {
  if (via === '') return '';
  return method === 'gossip' ? ` from ${showLine(via)}` : ` by ${showLine(via)}`;
}
