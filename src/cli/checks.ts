import type { Command } from 'commander';
import type { ChecksView } from '../api/checks-view.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { checksText } from './checks-text.ts';
import { ExitCode } from './exit-code.ts';
import { runVerb, type VerbContext } from './verb-context.ts';

const examples = `
Examples:
  fogata checks
  fogata checks crm --json`;

export function registerChecks(program: Command): void {
  program
    .command('checks')
    .description("how this host's programs are, and what their checks say")
    .argument('[service]', 'only those of this service, with all that was said')
    .addHelpText('after', examples)
    .action((service: string | undefined, _options: object, command: Command) =>
      runVerb(command, (context) => checks(context, service)),
    );
}

async function checks(context: VerbContext, service: string | undefined): Promise<number> {
  const { askAgent } = await import('../client/ask-agent.ts');
  const all = (await askAgent(await context.agentSocket(), 'GET', '/v1/checks')) as ChecksView;
  const programs = all.programs.filter((program) => service === undefined || program.service === service);
  if (service !== undefined && programs.length === 0) {
    throw new FogataError('no-instance', `no program of this host serves ${service}`);
  }
  const view: ChecksView = { ...all, programs };
  if (context.json) {
    context.printJson(view);
    return ExitCode.good;
  }
  const { systemClock } = await import('../runtime/system-clock.ts');
  for (const line of checksText(view, systemClock().wallTime(), service !== undefined, context.paint))
    context.print(line);
  return ExitCode.good;
}
