import type { KeyReport, NodeKeys } from '../api/key-report.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { ExitCode } from './exit-code.ts';
import type { Paint } from './paint.ts';
import { type Cell, table } from './table.ts';
import type { VerbContext } from './verb-context.ts';

/** Options of the steps that change the ring. */
export interface StepFlags {
  readonly force?: boolean;
  readonly without?: readonly string[];
}

export const stepOf = ({ force, without }: StepFlags) => ({ insist: force === true, without: without ?? [] });

export const gather = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
];

export async function askKeys(context: VerbContext, path: string, body?: object): Promise<KeyReport> {
  const { askAgent } = await import('../client/ask-agent.ts');
  const socket = await context.agentSocket();
  return (await askAgent(socket, body === undefined ? 'GET' : 'POST', `/v1/keys${path}`, body)) as KeyReport;
}

/** The key that an id, or the beginning of one, means. */
export async function findKey(context: VerbContext, text: string): Promise<string> {
  const { keys } = await askKeys(context, '');
  const found = keys.filter(({ id }) => id.startsWith(text.toLowerCase()));
  const [key] = found;
  if (key !== undefined && found.length === 1) return key.id;
  const known = keys.map(({ id }) => id).join(', ');
  if (found.length === 0) throw new FogataError('not-found', `no key is ${text}; there are: ${known}`);
  throw new FogataError('invalid', `more than one key is ${text}; there are: ${known}`);
}

export function ringText({ cluster, keys, inUse }: KeyReport, paint: Paint): string[] {
  const rows = keys.map(({ id, madeAt }) => [
    { text: id, brush: id === inUse ? paint.bold : paint.dim },
    madeAt,
    id === inUse ? { text: 'in use', brush: paint.green } : 'accepted',
  ]);
  const columns = [{ title: 'KEY' }, { title: 'MADE' }, { title: 'STATE' }];
  return [`${paint.bold(cluster)} ${paint.dim(`· ${keys.length} of 8 keys`)}`, '', ...table(columns, rows, paint.dim)];
}

/** What each node did, and why it did not. */
export function nodesText(nodes: readonly NodeKeys[], paint: Paint): string[] {
  const columns = [{ title: 'NODE' }, { title: 'STATE' }, { title: 'RESULT' }, { title: 'IN USE' }, { title: 'KEYS' }];
  const rows = nodes.map(({ node, state, result, reason, inUse, keys }): (Cell | string)[] => [
    node,
    state,
    {
      text: reason === '' ? result : `${result}: ${reason}`,
      brush: result === 'straggler' ? paint.yellow : paint.green,
    },
    inUse ?? '–',
    keys === null ? '–' : String(keys.length),
  ]);
  return table(columns, rows, paint.dim);
}

/** One line: `added 0123… on 4 of 5 nodes`. */
export function stepLine(word: string, key: string, { nodes, done }: KeyReport): string {
  const good = nodes.filter(({ result }) => result !== 'straggler' && result !== 'excluded').length;
  return done
    ? `${word} ${key} on ${good} of ${nodes.length} nodes`
    : `not ${word} ${key}: somebody would be left behind`;
}

/** Prints what a step did, and says whether all took part. */
export function tellStep(context: VerbContext, word: string, key: string, report: KeyReport): number {
  if (context.json) context.printJson(report);
  else for (const line of [stepLine(word, key, report), ...nodesText(report.nodes, context.paint)]) context.print(line);
  return report.done && stragglersOf(report).length === 0 ? ExitCode.good : ExitCode.failed;
}

export function stragglersOf({ nodes }: KeyReport): readonly NodeKeys[] {
  return nodes.filter(({ result }) => result === 'straggler');
}
