import root, { type RootCommand } from '@bomb.sh/tab';
import type { Argument, Command } from 'commander';
import { verbs } from './verbs.ts';

/** How long a press of the tab key may wait for the agent. */
const timeoutMs = 300;

/** Answers `fogata complete -- WORDS…`, which the script of `fogata completion` calls at each press of the tab key. */
export async function complete(program: Command, words: readonly string[]): Promise<void> {
  const typed = words.slice(words.indexOf('--') + 1);
  for (const verb of verbs) (await verb.load())(program);
  const verb = program.commands.find((each) => typed.includes(each.name()));
  const needsServices = verb?.registeredArguments.some(isService) === true;
  describe(root, program, needsServices ? await serviceNames() : []);
  root.parse([...typed]);
}

function describe(to: RootCommand, program: Command, services: readonly string[]): void {
  for (const verb of program.commands.flatMap((each) => [each, ...each.commands])) {
    const name = verb.parent === program ? verb.name() : `${verb.parent?.name()} ${verb.name()}`;
    const described = to.command(name, verb.description());
    for (const option of [...verb.options, ...program.options]) {
      const long = option.long?.slice(2);
      if (long === undefined) continue;
      if (option.required || option.optional) described.option(long, option.description, () => undefined);
      else described.option(long, option.description);
    }
    for (const argument of verb.registeredArguments) {
      const choices = isService(argument) ? services : (argument.argChoices ?? []);
      described.argument(
        argument.name(),
        (offer) => {
          for (const choice of choices) offer(choice, isService(argument) ? 'service' : '');
        },
        argument.variadic,
      );
    }
  }
}

const isService = (argument: Argument): boolean => ['address', 'service'].includes(argument.name());

/** None when no agent answers: completion says nothing rather than something wrong. */
async function serviceNames(): Promise<readonly string[]> {
  try {
    const { connect } = await import('../client/connect.ts');
    await using mesh = await connect({ timeoutMs, program: 'fogata-cli' });
    return (await mesh.services()).services.map(({ name }) => name);
  } catch {
    return [];
  }
}
