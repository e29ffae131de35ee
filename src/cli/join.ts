import type { Command } from 'commander';
import type { NewKey } from '../agent/agent-keys.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { ExitCode } from './exit-code.ts';
import { agentSwitched, type HostFlags, thisHost, withData } from './this-host.ts';
import { runVerb, type VerbContext } from './verb-context.ts';

interface JoinFlags extends HostFlags {
  readonly replace?: boolean;
}

const help = `
Other users of this host can see arguments while a command runs. Where that matters: fogata join -

Examples:
  fogata join TOKEN
  ssh erp fogata invite | fogata join -`;

/** Longer than any token with all that a mail program may put around it. */
const inputBytesMax = 4_096;

export function registerJoin(program: Command): void {
  program
    .command('join')
    .description('take the key of a cluster with a token; from then on "fogata up" is all this host needs')
    .argument('<token>', 'what "fogata invite" printed on another host; - reads it from standard input')
    .option('--replace', 'give up the key of another cluster for it')
    .option('--data <directory>', "where the agent's data is (default: as of fogata up)")
    .option('--config <file>', "the agent's configuration file (default: FOGATA_CONFIG, else none)")
    .addHelpText('after', help)
    .action((token: string, flags: JoinFlags, command: Command) =>
      runVerb(command, (context) => join(context, token, flags)),
    );
}

async function join(context: VerbContext, argument: string, { replace = false, ...flags }: JoinFlags): Promise<number> {
  const text = argument === '-' ? await readInput() : argument;
  const { readToken } = await import('../agent/local-keys.ts');
  readToken(text);
  const host = await thisHost(context, flags);
  const joined =
    host.agent === undefined
      ? await withData(host.data, () => joinHere(host.data, text, replace))
      : await joinAgent(host.agent, text, replace);
  if (context.json) {
    context.printJson({ ...joined, data: host.data, agent: host.agent ?? null });
    return ExitCode.good;
  }
  const { bold, dim } = context.paint;
  context.print(`This host is of cluster ${bold(joined.cluster)} ${dim(`· let in by ${joined.inviter ?? 'itself'}`)}`);
  context.print(host.agent === undefined ? 'Start the agent:    fogata up' : 'The agent goes on sealed.');
  return ExitCode.good;
}

async function joinAgent(socket: string, token: string, replace: boolean): Promise<NewKey> {
  const { askAgent } = await import('../client/ask-agent.ts');
  const joined = (await askAgent(socket, 'POST', '/v1/keys/join', { token, replace })) as NewKey;
  await agentSwitched(socket, joined.cluster);
  return joined;
}

async function joinHere(data: string, text: string, replace: boolean): Promise<NewKey> {
  const { assertMayJoin, readToken, storeGiven } = await import('../agent/local-keys.ts');
  const { askForRing } = await import('../trust/ask-for-ring.ts');
  const { systemRuntime } = await import('../runtime/system-runtime.ts');
  const { systemStorage } = await import('../runtime/system-storage.ts');
  const { silentLog } = await import('../runtime/log.ts');
  const token = readToken(text);
  const runtime = systemRuntime({ storage: systemStorage(data), log: silentLog });
  await assertMayJoin(runtime.storage, token, replace);
  const given = await askForRing(token, runtime);
  await storeGiven(runtime.storage, given);
  return { cluster: given.state.cluster, key: given.state.inUse, inviter: given.inviter.name };
}

async function readInput(): Promise<string> {
  let text = '';
  for await (const piece of process.stdin.setEncoding('utf8')) {
    text += String(piece);
    if (text.length > inputBytesMax)
      throw new FogataError('invalid', 'what comes by standard input is too long for a token');
  }
  return text.trim();
}
