import { Command } from 'commander';
import { expect, it } from 'vitest';
import { verbs } from './verbs.ts';

async function commands(): Promise<readonly Command[]> {
  const program = new Command('fogata').option('--agent <where>').option('--json').option('--no-color');
  for (const verb of verbs) (await verb.load())(program);
  return program.commands.flatMap((verb) => (verb.commands.length === 0 ? [verb] : verb.commands));
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (piece) => (text += piece) });
  command.outputHelp();
  return text;
}

const nameOf = (command: Command): string =>
  command.parent?.parent === null ? command.name() : `${command.parent?.name()} ${command.name()}`;

it('every verb has examples, whose words and options there are', async () => {
  const all = await commands();
  const names = all.map(nameOf).sort((a, b) => b.length - a.length);
  for (const command of all) {
    const examples = helpOf(command).split('\nExamples:\n')[1]?.trimEnd().split('\n') ?? [];
    expect(examples.join('\n'), nameOf(command)).toContain(`fogata ${nameOf(command)}`);
    for (const [, said = ''] of examples.join('\n').matchAll(/fogata ([^|)\n]+)/g)) {
      const meant = all.find((each) => nameOf(each) === names.find((name) => `${said} `.startsWith(`${name} `)));
      const known = [...(meant?.options ?? []), ...(all[0]?.parent?.options ?? [])].map(({ long }) => long);
      for (const [option] of said.matchAll(/--[a-z-]+/g)) expect(known, said).toContain(option);
    }
  }
});

it('every option is told alike: it begins small, and has no full stop', async () => {
  const wrong = (await commands()).flatMap((command) =>
    command.options.map(({ description }) => description).filter((text) => text === '' || /^[A-Z][a-z]|\.$/.test(text)),
  );
  expect(wrong).toEqual([]);
});
