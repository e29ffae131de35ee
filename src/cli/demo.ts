import type { Command } from 'commander';
import { runVerb } from './verb-context.ts';

export function registerDemo(program: Command): void {
  program
    .command('demo')
    .description('four hosts, four plain HTTP programs and a few failures, in real processes on this machine')
    .option(
      '--once',
      'the short story: one failure, at most 20 s, and an exit code that says whether anything was lost',
    )
    .addHelpText('after', '\nExamples:\n  fogata demo\n  fogata demo --once')
    .action((options: { once?: boolean }, command: Command) =>
      runVerb(command, async (context) => {
        const { runDemo } = await import('./demo/run-demo.ts');
        return runDemo(context, { once: options.once === true });
      }),
    );
}
