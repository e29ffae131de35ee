import type { Command } from 'commander';
import { askKeys, findKey, gather, type StepFlags, stepOf, tellStep } from './key-report.ts';
import { runVerb } from './verb-context.ts';

/** A step of a rotation that is about one key of the ring. */
interface KeyStep {
  readonly verb: 'use' | 'remove';
  readonly description: string;
  /** What has happened to the key. */
  readonly done: string;
}

export const useKey: KeyStep = {
  verb: 'use',
  description: 'let every node seal with this key from now on',
  done: 'using',
};

export const removeKey: KeyStep = {
  verb: 'remove',
  description: 'let no node accept this key any more',
  done: 'removed',
};

export function registerKeyStep(key: Command, { verb, description, done }: KeyStep): void {
  key
    .command(verb)
    .description(description)
    .argument('<id>', 'of the key, or its beginning')
    .option('--force', 'also when somebody is left behind by it')
    .option('--without <node>', 'a node that is not to take part (may be repeated)', gather)
    .addHelpText('after', `\nExamples:\n  fogata key ${verb} 4f1d`)
    .action((id: string, flags: StepFlags, command: Command) =>
      runVerb(command, async (context) => {
        const found = await findKey(context, id);
        return tellStep(context, done, found, await askKeys(context, `/${verb}`, { id: found, ...stepOf(flags) }));
      }),
    );
}
