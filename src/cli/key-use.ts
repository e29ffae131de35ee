import type { Command } from 'commander';
import { ExitCode } from './exit-code.ts';
import { askKeys, findKey, gather, nodesText, type StepFlags, stepLine, stepOf, stragglersOf } from './key-report.ts';
import { runVerb } from './verb-context.ts';

export function registerKeyUse(key: Command): void {
  key
    .command('use')
    .description('let every node seal with this key from now on')
    .argument('<id>', 'of the key, or its beginning')
    .option('--force', 'also when somebody is left behind by it')
    .option('--without <node>', 'a node that is not to take part (may be repeated)', gather)
    .action((id: string, flags: StepFlags, command: Command) =>
      runVerb(command, async (context) => {
        const found = await findKey(context, id);
        const report = await askKeys(context, '/use', { id: found, ...stepOf(flags) });
        if (context.json) context.printJson(report);
        else {
          context.print(stepLine('using', found, report));
          for (const line of nodesText(report.nodes, context.paint)) context.print(line);
        }
        return report.done && stragglersOf(report).length === 0 ? ExitCode.good : ExitCode.failed;
      }),
    );
}
