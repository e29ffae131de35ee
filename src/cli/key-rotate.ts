import type { Command } from 'commander';
import type { KeyReport } from '../api/key-report.ts';
import { ExitCode } from './exit-code.ts';
import { askKeys, gather, nodesText, type StepFlags, stepLine, stepOf, stragglersOf } from './key-report.ts';
import { runVerb, type VerbContext } from './verb-context.ts';

const help = `
Adds a new key everywhere, uses it everywhere, removes the old one everywhere. No message is lost meanwhile. It may be
interrupted at any time and repeated: it goes on where it was. While somebody is away the old key stays, so that it finds
back by itself; run it again later, or with --force to shut it out.

Examples:
  fogata key rotate
  fogata key rotate --without stolen-laptop`;

export function registerKeyRotate(key: Command): void {
  key
    .command('rotate')
    .description('put a new key in the place of the old one, on every node, over the running cluster')
    .option('--force', 'remove the old key although somebody is away: it will need a new token')
    .option('--without <node>', 'a node that is to be shut out (may be repeated)', gather)
    .addHelpText('after', help)
    .action((flags: StepFlags, command: Command) => runVerb(command, (context) => rotate(context, flags)));
}

/** `fogata key rotate --json`. A step that was not reached is null. */
interface Rotation {
  readonly key: string;
  readonly added: KeyReport;
  readonly used: KeyReport | null;
  readonly removed: readonly KeyReport[];
  readonly complete: boolean;
}

async function rotate(context: VerbContext, flags: StepFlags): Promise<number> {
  const how = stepOf(flags);
  const say = (line: string): void => {
    if (!context.json) context.print(line);
  };
  const begun = begunRotation(await askKeys(context, ''));
  if (begun !== undefined) say(`going on with key ${begun}, as an earlier rotation left it`);
  const added = await askKeys(context, '/add', begun === undefined ? how : { id: begun, ...how });
  const key = added.key ?? '';
  say(stepLine('added', key, added));
  const used = await askKeys(context, '/use', { id: key, ...how });
  say(stepLine('using', key, used));
  const removed: KeyReport[] = [];
  for (const old of used.done ? used.keys.filter(({ id }) => id !== key) : []) {
    const report = await askKeys(context, '/remove', { id: old.id, ...how });
    say(stepLine('removed', old.id, report));
    removed.push(report);
  }
  const complete = used.done && [added, used, ...removed].every((step) => step.done && stragglersOf(step).length === 0);
  tell(context, { key, added, used, removed, complete });
  return complete ? ExitCode.good : ExitCode.failed;
}

/**
 * The key of a rotation that was interrupted: the newest, while older ones are still there. `undefined` when this one is
 * the first step of another.
 */
export function begunRotation({ keys, nodes }: Pick<KeyReport, 'keys' | 'nodes'>): string | undefined {
  const newest = keys.at(-1);
  if (newest === undefined) return undefined;
  const isBehind = nodes.some((node) => node.inUse !== null && node.inUse !== newest.id);
  return keys.length > 1 || isBehind ? newest.id : undefined;
}

function tell(context: VerbContext, rotation: Rotation): void {
  if (context.json) {
    context.printJson(rotation);
    return;
  }
  const last = rotation.removed.at(-1) ?? rotation.used ?? rotation.added;
  for (const line of ['', ...nodesText(last.nodes, context.paint)]) context.print(line);
  if (rotation.complete) return;
  context.note(
    context.errorPaint.yellow(
      'not complete: every key above still works; run it again when the stragglers are back, or with --force',
    ),
  );
}
