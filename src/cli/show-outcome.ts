import type { Outcome } from '../api/outcome.ts';
import type { BodyValue } from '../protocol/body.ts';
import { decisionText } from './decision-text.ts';
import { ExitCode } from './exit-code.ts';
import { textOrBytes } from './message-arguments.ts';
import { showLine, showText } from './show-text.ts';
import { showDuration } from './show-time.ts';
import type { VerbContext } from './verb-context.ts';

/** `--explain`: how each instance was chosen, beside the answer. */
function showDecisions(context: VerbContext, outcome: Outcome): void {
  for (const decision of outcome.decisions ?? []) {
    for (const line of decisionText(decision, context.errorPaint)) context.note(line);
  }
}

/** Tells people what became of a message: the reply's body on standard output, all else beside it. Returns the exit code. */
export function showOutcome(context: VerbContext, outcome: Outcome): number {
  const { errorPaint: paint } = context;
  showDecisions(context, outcome);
  const took = paint.dim(`in ${showDuration(outcome.elapsedMs)}`);
  if (outcome.outcome === 'stored') {
    context.note(`${paint.green('stored')} ${took}`);
    return ExitCode.good;
  }
  if (outcome.outcome === 'answered' || outcome.outcome === 'delivered') {
    const { service, node } = outcome.instance;
    const word = outcome.outcome === 'answered' ? 'answered by' : 'delivered to';
    context.note(`${paint.green(word)} ${paint.bold(`${service}@${node}`)} ${took}`);
    if (outcome.outcome === 'answered') showReply(context, outcome.reply);
    return ExitCode.good;
  }
  context.note(
    `${paint.red(outcome.outcome)} (${outcome.code}): ${showLine(outcome.reason)} ${paint.dim(`· after ${showDuration(outcome.elapsedMs)}`)}`,
  );
  for (const { service, node, code, reason } of outcome.tried) {
    context.note(paint.dim(`  tried ${service}@${node}: ${code}, ${showLine(reason)}`));
  }
  if (outcome.outcome === 'unknown') context.note(paint.dim('  it may have been done: ask before you do it again'));
  return ExitCode.failed;
}

function showReply(
  context: VerbContext,
  reply: { readonly params: Readonly<Record<string, string>>; readonly body: BodyValue },
): void {
  for (const [name, value] of Object.entries(reply.params)) {
    context.note(`${context.errorPaint.cyan(showLine(name))}=${showLine(value)}`);
  }
  const { body } = reply;
  if (body === undefined) return;
  // Byte for byte where a program reads it; a terminal gets its newline, and no control characters.
  const isRaw = typeof body === 'string' || body instanceof Uint8Array;
  if (isRaw && !process.stdout.isTTY) process.stdout.write(body);
  else if (isRaw) {
    const text = typeof body === 'string' ? body : printable(body);
    if (text === undefined) context.note(`${body.length} bytes; send them somewhere: … > file`);
    else context.print(showText(text.replace(/\r?\n$/, '')));
  } else context.print(JSON.stringify(body, undefined, 2));
}

/** Programs that do not say what they answer often answer text. */
function printable(bytes: Uint8Array): string | undefined {
  const text = textOrBytes(bytes);
  return typeof text === 'string' && !/[^\P{Cc}\n\t\r]/u.test(text) ? text : undefined;
}
