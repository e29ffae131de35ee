import type { Command } from 'commander';
import { roundedJson } from '../api/outcome-json.ts';
import { checkAddress } from './address-argument.ts';
import { decisionText } from './decision-text.ts';
import { ExitCode } from './exit-code.ts';
import { type StrategyFlags, stickyText, strategyOptionsOf, strategyText } from './strategy-arguments.ts';
import { runVerb } from './verb-context.ts';

const help = `
SCORE is about the milliseconds an answer will take, the smaller is the better: (LATENCY + QUEUE) times the factors of
load, health and distance. IN FLIGHT is from here / from everybody, AGE that of the latency / of the load.

Examples:
  fogata resolve crm
  fogata resolve 'crm[version=2]' --strategy nearest
  fogata resolve crm --sticky customer-4711 --json`;

export function registerResolve(program: Command): void {
  program
    .command('resolve')
    .description('where calls to a service would go now, and what speaks for and against each instance')
    .argument('<address>', 'whom: crm, crm@NODE, or crm[version=2]')
    .option('--strategy <name>', strategyText)
    .option('--sticky <key>', stickyText)
    .addHelpText('after', help)
    .action((address: string, flags: StrategyFlags, command: Command) =>
      runVerb(command, async (context) => {
        checkAddress(address);
        const options = strategyOptionsOf(flags);
        const mesh = await context.mesh();
        const view = await mesh.resolve(address, options);
        if (context.json) context.printJson(roundedJson(view));
        else for (const line of decisionText(view, context.paint)) context.print(line);
        return view.chosen === null ? ExitCode.failed : ExitCode.good;
      }),
    );
}
