import type { Command } from 'commander';
import type { PushEvent } from '../files/push-file.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { checkAddress } from './address-argument.ts';
import { ExitCode } from './exit-code.ts';
import { progressLine } from './progress-line.ts';
import { showBytes } from './show-bytes.ts';
import { showLine } from './show-text.ts';
import { showDuration } from './show-time.ts';
import { stopSignal } from './stop-signal.ts';
import { runVerb, type VerbContext } from './verb-context.ts';

interface PushFlags {
  readonly name?: string;
  readonly retryFor?: string;
}

export function registerPush(program: Command): void {
  program
    .command('push')
    .description('send a file of any size to a service that saves files')
    .argument('<file>', 'the file; - reads standard input')
    .argument('<address>', 'to whom: inbox, or inbox@db1')
    .option('--name <name>', "save it under this name (default: the file's own)")
    .option('--retry-for <time>', 'give up after so long without progress (default: 1m)')
    .addHelpText('after', help)
    .action((file: string, address: string, flags: PushFlags, command: Command) =>
      runVerb(command, (context) => push(context, file, address, flags)),
    );
}

const help = `
It is done once the file is whole there, its SHA-256 verified, and synced to the disk. After a broken link it goes on where
it broke off; so does the same command again. Standard input cannot go on.

Examples:
  fogata listen inbox --save incoming
  fogata push backup.tar inbox@db1`;

async function push(context: VerbContext, file: string, address: string, flags: PushFlags): Promise<number> {
  checkAddress(address);
  const retryForMs = await durationOf(flags.retryFor);
  if (file === '-' && flags.name === undefined) {
    throw new FogataError('invalid', 'standard input has no name: give one with --name');
  }
  const [{ pushFile }, { systemClock }, bytes] = await Promise.all([
    import('../files/push-file.ts'),
    import('../runtime/system-clock.ts'),
    sizeOf(file),
  ]);
  const clock = systemClock();
  const stop = new AbortController();
  void stopSignal().then(() => stop.abort());
  const mesh = await context.mesh();
  const startedAt = clock.now();
  const shown = flags.name ?? file.replace(/^.*[/\\]/, '');
  const show = presenter(context, shown, bytes, () => clock.now());
  try {
    const options = { signal: stop.signal, onEvent: show.tell, ...flagged(flags.name, retryForMs) };
    const saved = await pushFile(mesh, address, file === '-' ? process.stdin : file, options);
    const elapsedMs = clock.now() - startedAt;
    show.clear();
    if (context.json) {
      context.printJson({ type: 'saved', ...saved, elapsedMs: Math.round(elapsedMs) });
      return ExitCode.good;
    }
    const { green, bold, dim } = context.errorPaint;
    const { service, node } = saved.instance;
    const resumed = saved.resumed === 0 ? '' : `, resumed ${saved.resumed === 1 ? 'once' : `${saved.resumed} times`}`;
    const where = `${bold(`${service}@${node}`)} as ${showLine(saved.name)}`;
    context.note(
      `${green('saved')} ${showBytes(saved.bytes)} at ${where} ${dim(`in ${showDuration(elapsedMs)}${resumed}`)}`,
    );
    context.note(dim(`sha256 ${saved.sha256}`));
    return ExitCode.good;
  } catch (error) {
    show.clear();
    if (stop.signal.aborted) {
      if (file !== '-')
        context.note(context.errorPaint.dim('interrupted; the same command goes on behind what is there'));
      return ExitCode.interrupted;
    }
    throw error;
  }
}

function flagged(name: string | undefined, retryForMs: number | undefined) {
  return { ...(name === undefined ? {} : { name }), ...(retryForMs === undefined ? {} : { retryForMs }) };
}

async function durationOf(text: string | undefined): Promise<number | undefined> {
  if (text === undefined) return undefined;
  const { parseDuration } = await import('../agent/parse-duration.ts');
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new FogataError('invalid', `--retry-for: expected a duration such as 30s, found ${JSON.stringify(text)}`);
}

/** Undefined: unknown. What cannot be read is told by the push itself. */
async function sizeOf(file: string): Promise<number | undefined> {
  if (file === '-') return undefined;
  const { stat } = await import('node:fs/promises');
  return stat(file).then(
    ({ size }) => size,
    () => undefined,
  );
}

/** How often a terminal and a program are told how far it is. */
const drawEveryMs = 100;
const tellEveryMs = 1_000;

function presenter(context: VerbContext, name: string, bytes: number | undefined, now: () => number) {
  const { json, errorPaint: paint } = context;
  const isDrawn = !json && process.stderr.isTTY;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let begun = { at: 0, offset: 0 };

  function progress(done: number): void {
    const at = now();
    if (at - drawnAt < (json ? tellEveryMs : drawEveryMs)) return;
    drawnAt = at;
    const bytesPerSecond = at > begun.at ? ((done - begun.offset) * 1_000) / (at - begun.at) : 0;
    const rate = Math.round(bytesPerSecond);
    if (json) context.printJson({ type: 'progress', bytes: done, ofBytes: bytes ?? null, bytesPerSecond: rate });
    else if (isDrawn) {
      const line = progressLine(
        { name: showLine(name, 30), done, bytes, bytesPerSecond },
        process.stderr.columns,
        paint,
      );
      process.stderr.write(`\r${line}\u001b[K`);
    }
  }

  function clear(): void {
    if (isDrawn && drawnAt > Number.NEGATIVE_INFINITY) process.stderr.write('\r\u001b[K');
  }

  return {
    clear,
    tell(event: PushEvent): void {
      if (event.type === 'progress') {
        progress(event.bytes);
        return;
      }
      if (json) context.printJson(event);
      if (event.type === 'begun') {
        begun = { at: now(), offset: event.offset };
        if (json || event.offset === 0) return;
        clear();
        const { service, node } = event.instance;
        context.note(
          `${paint.dim('going on behind')} ${showBytes(event.offset)} ${paint.dim(`at ${service}@${node}`)}`,
        );
      } else if (!json) {
        clear();
        context.note(`${paint.yellow(event.code)}: ${showLine(event.reason)} ${paint.dim('· trying again')}`);
      }
    },
  };
}
