import type { Command } from 'commander';
import { askKeys, gather, type StepFlags, stepOf, tellStep } from './key-report.ts';
import { runVerb } from './verb-context.ts';

export function registerKeyAdd(key: Command): void {
  key
    .command('add')
    .description('make a key and give it to every node: it is accepted, and not yet used')
    .option('--without <node>', 'a node that is not to take part (may be repeated)', gather)
    .addHelpText('after', '\nExamples:\n  fogata key add --without stolen-laptop')
    .action((flags: StepFlags, command: Command) =>
      runVerb(command, async (context) => {
        const report = await askKeys(context, '/add', stepOf(flags));
        return tellStep(context, 'added', report.key ?? '', report);
      }),
    );
}
