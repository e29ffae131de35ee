import type { Command } from 'commander';
import { ExitCode } from './exit-code.ts';
import { askKeys, gather, nodesText, type StepFlags, stepLine, stepOf, stragglersOf } from './key-report.ts';
import { runVerb } from './verb-context.ts';

export function registerKeyAdd(key: Command): void {
  key
    .command('add')
    .description('make a key and give it to every node: it is accepted, and not yet used')
    .option('--without <node>', 'a node that is not to take part (may be repeated)', gather)
    .action((flags: StepFlags, command: Command) =>
      runVerb(command, async (context) => {
        const report = await askKeys(context, '/add', stepOf(flags));
        if (context.json) context.printJson(report);
        else {
          context.print(stepLine('added', report.key ?? '', report));
          for (const line of nodesText(report.nodes, context.paint)) context.print(line);
        }
        return report.done && stragglersOf(report).length === 0 ? ExitCode.good : ExitCode.failed;
      }),
    );
}
