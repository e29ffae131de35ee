import type { Command } from 'commander';
import type { NewKey } from '../agent/agent-keys.ts';
import { ExitCode } from './exit-code.ts';
import { agentSwitched, type HostFlags, type ThisHost, thisHost, withData } from './this-host.ts';
import { runVerb, type VerbContext } from './verb-context.ts';

const examples = `
Examples:
  fogata init
  fogata init --cluster site`;

export function registerInit(program: Command): void {
  program
    .command('init')
    .description('make the key of a cluster on its first host; the agent, if it runs, goes on sealed')
    .option('--cluster <name>', 'the name of the cluster (default: fogata)')
    .option('--data <directory>', "where the agent's data is (default: as of fogata up)")
    .option('--config <file>', "the agent's configuration file (default: FOGATA_CONFIG, else none)")
    .addHelpText('after', examples)
    .action((flags: HostFlags, command: Command) => runVerb(command, (context) => init(context, flags)));
}

async function init(context: VerbContext, flags: HostFlags): Promise<number> {
  const host = await thisHost(context, flags);
  const made = host.agent === undefined ? await initHere(host) : await initAgent(host.agent, host.cluster);
  if (context.json) {
    context.printJson({ cluster: made.cluster, key: made.key, data: host.data, agent: host.agent ?? null });
    return ExitCode.good;
  }
  const { bold, dim } = context.paint;
  context.print(`Cluster ${bold(made.cluster)} has a key now ${dim(`· ${made.key} · in ${host.data}`)}`);
  context.print(host.agent === undefined ? 'Start the agent:    fogata up' : 'The agent goes on sealed.');
  context.print('Let a host in:      fogata invite');
  return ExitCode.good;
}

async function initAgent(socket: string, cluster: string | undefined): Promise<NewKey> {
  const { askAgent } = await import('../client/ask-agent.ts');
  const asked = cluster === undefined ? {} : { cluster };
  const made = (await askAgent(socket, 'POST', '/v1/keys/init', asked)) as NewKey;
  await agentSwitched(socket, made.cluster);
  return made;
}

async function initHere({ data, cluster }: ThisHost): Promise<NewKey> {
  const { makeRing } = await import('../agent/local-keys.ts');
  const { systemStorage } = await import('../runtime/system-storage.ts');
  const { systemClock } = await import('../runtime/system-clock.ts');
  const { systemRandom } = await import('../runtime/system-random.ts');
  const { storeRing } = await import('../trust/ring-file.ts');
  const storage = systemStorage(data);
  return withData(data, async () => {
    const state = await makeRing(storage, cluster ?? 'fogata', { clock: systemClock(), random: systemRandom() });
    await storeRing(storage, state);
    return { cluster: state.cluster, key: state.inUse, inviter: null };
  });
}
