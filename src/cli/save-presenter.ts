import type { SaveEvent } from '../files/save-files.ts';
import { showBytes } from './show-bytes.ts';
import { showLine } from './show-text.ts';
import type { VerbContext } from './verb-context.ts';

/** Shows what becomes of the files that are pushed here. */
export async function savePresenter(context: VerbContext): Promise<(event: SaveEvent) => void> {
  if (context.json) return (event) => context.printJson(event);
  const { systemClock } = await import('../runtime/system-clock.ts');
  const clock = systemClock();
  return (event) => context.print(savedLine(event, new Date(clock.wallTime()), context));
}

function savedLine(event: SaveEvent, at: Date, { paint }: VerbContext): string {
  const { node, service } = event.from;
  const who = paint.dim(`from ${service === '' ? node : `${service}@${node}`}`);
  const when = paint.dim(at.toTimeString().slice(0, 8));
  const name = showLine(event.name, 60);
  if (event.type === 'begun') {
    const size = event.bytes === undefined ? '' : ` ${showBytes(event.bytes)}`;
    const behind = event.offset === 0 ? '' : ` behind ${showBytes(event.offset)}`;
    return `${when} ${paint.cyan('receiving')} ${name}${size}${behind} ${who}`;
  }
  if (event.type === 'saved') {
    return `${when} ${paint.green('saved')} ${paint.bold(showLine(event.path))} ${showBytes(event.bytes)} ${who}`;
  }
  const { code, reason, bytes } = event;
  return `${when} ${paint.red(code)} ${name}: ${showLine(reason)} ${paint.dim(`(${showBytes(bytes)} kept)`)} ${who}`;
}
