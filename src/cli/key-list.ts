import type { Command } from 'commander';
import { ExitCode } from './exit-code.ts';
import { askKeys, nodesText, ringText, stragglersOf } from './key-report.ts';
import { runVerb } from './verb-context.ts';

export function registerKeyList(key: Command): void {
  key
    .command('list')
    .description('the ring here, and what each node has of it: ids only')
    .addHelpText('after', '\nExamples:\n  fogata key list --json')
    .action((_flags: object, command: Command) =>
      runVerb(command, async (context) => {
        const report = await askKeys(context, '');
        if (context.json) context.printJson(report);
        else
          for (const line of [...ringText(report, context.paint), '', ...nodesText(report.nodes, context.paint)])
            context.print(line);
        return stragglersOf(report).length === 0 ? ExitCode.good : ExitCode.failed;
      }),
    );
}
