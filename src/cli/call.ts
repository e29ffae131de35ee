import type { Command } from 'commander';
import { outcomeJson } from '../api/outcome-json.ts';
import { ExitCode } from './exit-code.ts';
import { checkMessage, type MessageFlags, messageOptionsOf, withMessageArguments } from './message-arguments.ts';
import { showOutcome } from './show-outcome.ts';
import { runVerb } from './verb-context.ts';

export function registerCall(program: Command): void {
  const verb = program.command('call').description('ask the best instance of a service, and print its reply');
  withMessageArguments(verb, '<address>').action(
    (address: string, name: string, params: string[], flags: MessageFlags, command: Command) =>
      runVerb(command, async (context) => {
        const options = messageOptionsOf(params, flags);
        checkMessage(address, name, options, 'call');
        const mesh = await context.mesh();
        const outcome = await mesh.call(address, name, options);
        if (!context.json) return showOutcome(context, outcome);
        context.printJson(outcomeJson(outcome));
        return outcome.outcome === 'answered' ? ExitCode.good : ExitCode.failed;
      }),
  );
}
