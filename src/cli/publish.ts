import type { Command } from 'commander';
import type { PublishOutcome } from '../api/outcome.ts';
import { publishOutcomeJson } from '../api/outcome-json.ts';
import { ExitCode } from './exit-code.ts';
import { checkMessage, type MessageFlags, messageOptionsOf, withMessageArguments } from './message-arguments.ts';
import { showLine } from './show-text.ts';
import { showDuration } from './show-time.ts';
import { runVerb, type VerbContext } from './verb-context.ts';

export function registerPublish(program: Command): void {
  const verb = program.command('publish').description('tell every instance of a service');
  withMessageArguments(verb, '<service>').action(
    (service: string, name: string, params: string[], flags: MessageFlags, command: Command) =>
      runVerb(command, async (context) => {
        const options = messageOptionsOf(params, flags);
        checkMessage(service, name, options, 'publish');
        const mesh = await context.mesh();
        const outcome = await mesh.publish(service, name, options);
        if (context.json) context.printJson(publishOutcomeJson(outcome));
        else show(context, outcome);
        return outcome.outcome === 'delivered' || outcome.outcome === 'stored' ? ExitCode.good : ExitCode.failed;
      }),
  );
}

function show(context: VerbContext, { outcome, instances, code, reason, elapsedMs }: PublishOutcome): void {
  const { errorPaint: paint } = context;
  const took = paint.dim(`${code === undefined ? 'in' : '· after'} ${showDuration(elapsedMs)}`);
  const good = instances.filter((each) => each.outcome === 'delivered' || each.outcome === 'stored').length;
  const word = good === instances.length && good > 0 ? paint.green(outcome) : paint.red(outcome);
  const of = instances.length === 0 ? '' : ` to ${good} of ${instances.length}`;
  const why = code === undefined ? '' : ` (${code}): ${showLine(reason ?? '')}`;
  context.note(`${word}${of}${why} ${took}`);
  for (const each of instances) {
    const who = `${each.service}@${each.node === '' ? '?' : each.node}`;
    context.note(paint.dim(`  ${who} ${each.outcome}${each.reason === undefined ? '' : `: ${showLine(each.reason)}`}`));
  }
}
