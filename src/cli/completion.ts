import { Argument, type Command } from 'commander';
import { ExitCode } from './exit-code.ts';
import { runVerb } from './verb-context.ts';

const help = `
Put the line into your shell's start-up file to have it always.

Examples:
  bash         source <(fogata completion bash)
  zsh          source <(fogata completion zsh)
  fish         fogata completion fish | source
  powershell   fogata completion powershell | Out-String | Invoke-Expression`;

export function registerCompletion(program: Command): void {
  program
    .command('completion')
    .description('print the completion script of a shell; it knows the verbs, their options and the services there are')
    .addArgument(new Argument('<shell>', 'which').choices(['bash', 'zsh', 'fish', 'powershell']))
    .addHelpText('after', help)
    .action((shell: string, _options: object, command: Command) =>
      runVerb(command, async () => {
        const { script } = await import('@bomb.sh/tab');
        script(shell, 'fogata', 'fogata');
        return ExitCode.good;
      }),
    );
}
