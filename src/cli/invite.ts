import { type Command, Option } from 'commander';
import { parseDuration } from '../agent/parse-duration.ts';
import type { InvitationView } from '../api/key-report.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { ExitCode } from './exit-code.ts';
import { showAge } from './show-time.ts';
import { runVerb, type VerbContext } from './verb-context.ts';

interface InviteFlags {
  readonly expires: string;
  readonly uses: string;
}

const examples = `
Examples:
  fogata invite
  fogata invite --uses 20 --expires 24h
  fogata invite | ssh db1 fogata join -`;

export function registerInvite(program: Command): void {
  program
    .command('invite')
    .description('print a token that lets another host into the cluster: "fogata join TOKEN" there is all it takes')
    .addOption(
      new Option('--expires <time>', 'how long it is good for, up to 7 days: 10m, 1h, 168h').default('1h', '1h'),
    )
    .addOption(new Option('--uses <count>', 'how many hosts it lets in, 1 to 1000').default('1', '1'))
    .addHelpText('after', examples)
    .action((flags: InviteFlags, command: Command) => runVerb(command, (context) => invite(context, flags)));
}

async function invite(context: VerbContext, { expires, uses }: InviteFlags): Promise<number> {
  const expiresMs = parseDuration(expires);
  if (expiresMs === undefined) {
    throw new FogataError('invalid', `--expires: expected a duration such as 1h, found ${JSON.stringify(expires)}`);
  }
  if (!/^\d+$/.test(uses)) throw new FogataError('invalid', `--uses: expected a number, found ${JSON.stringify(uses)}`);
  const { askAgent } = await import('../client/ask-agent.ts');
  const asked = { expiresMs, uses: Number(uses) };
  const view = (await askAgent(await context.agentSocket(), 'POST', '/v1/keys/invite', asked)) as InvitationView;
  if (context.json) {
    context.printJson(view);
    return ExitCode.good;
  }
  // Alone on standard output, so that it can be piped.
  context.print(view.token);
  const hosts = view.uses === 1 ? 'one host' : `${view.uses} hosts`;
  context.note(
    context.errorPaint.dim(`lets ${hosts} into "${view.cluster}" within ${showAge(expiresMs)}: fogata join TOKEN`),
  );
  if (view.addresses.length === 0)
    context.note('this host has no address on a network: nobody can use it from elsewhere');
  return ExitCode.good;
}
