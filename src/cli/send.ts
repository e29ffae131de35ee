import type { Command } from 'commander';
import type { Outcome } from '../api/outcome.ts';
import { decisionsJson, roundedMs } from '../api/outcome-json.ts';
import { ExitCode } from './exit-code.ts';
import { checkMessage, type MessageFlags, messageOptionsOf, withMessageArguments } from './message-arguments.ts';
import { showOutcome } from './show-outcome.ts';
import { runVerb } from './verb-context.ts';

export function registerSend(program: Command): void {
  const verb = program.command('send').description('tell the best instance of a service, one way');
  withMessageArguments(verb, '<address>').action(
    (address: string, name: string, params: string[], flags: MessageFlags, command: Command) =>
      runVerb(command, async (context) => {
        const options = messageOptionsOf(params, flags);
        checkMessage(address, name, options, 'send');
        const mesh = await context.mesh();
        const outcome = await mesh.send(address, name, options);
        if (!context.json) return showOutcome(context, outcome);
        context.printJson(sentJson(outcome));
        return outcome.outcome === 'delivered' || outcome.outcome === 'stored' ? ExitCode.good : ExitCode.failed;
      }),
  );
}

/** The shape of `publish --json`: a send reaches one instance, or none. */
function sentJson(outcome: Outcome): object {
  const { outcome: word, id, elapsedMs } = outcome;
  const instances = 'instance' in outcome ? [{ ...outcome.instance, outcome: word }] : [];
  const failure =
    'code' in outcome
      ? { code: outcome.code, reason: outcome.reason, retryable: outcome.retryable, tried: outcome.tried }
      : {};
  return { outcome: word, id, instances, ...failure, elapsedMs: roundedMs(elapsedMs), ...decisionsJson(outcome) };
}
