import type { Command } from 'commander';
import type { AgentStatus } from '../agent/agent-status.ts';
import type { LastingAgent } from '../agent/run-agent.ts';
import type { UpFlags } from '../agent/up-flags.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { ExitCode, exitCodeOf } from './exit-code.ts';
import { outliveOutput } from './output-errors.ts';
import { showLine } from './show-text.ts';
import { stopSignal } from './stop-signal.ts';
import { runVerb, type VerbContext } from './verb-context.ts';

interface UpOptions extends UpFlags {
  readonly config?: string;
  readonly readyFd?: string;
  readonly printSchema?: boolean;
}

const gather = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value];

const help = `
Weights, labels, other checks and strategies are for the file. Asked to end (ctrl-C, SIGTERM) it ends in order, with 0.

Examples:
  fogata up
  fogata up --serve crm=http://127.0.0.1:8080 --check crm=/health
  fogata up --config /etc/fogata/fogata.yaml`;

export function registerUp(program: Command): void {
  program
    .command('up')
    .description("run this host's agent, in the foreground, until ctrl-C")
    .option('--name <name>', "the node's name (default: the host's)")
    .option('--cluster <name>', 'the cluster: nodes of others are not heard (default: fogata)')
    .option(
      '--serve <service=url>',
      'a program on this host, such as crm=http://127.0.0.1:8080 or postgres=tcp://127.0.0.1:5432 (may be repeated)',
      gather,
    )
    .option(
      '--check <service=path>',
      'how to see that it works: a path that answers 2xx, such as crm=/health, or tcp, or grpc (may be repeated; default: tcp)',
      gather,
    )
    .option('--seed <host[:port]>', 'a node to ask where multicast does not reach (may be repeated)', gather)
    .option(
      '--advertise <host[:port]>',
      'an address by which others reach this node, behind NAT (may be repeated)',
      gather,
    )
    .option('--open', 'speak on the LAN without a key: everybody there can read and forge')
    .option(
      '--profile <name>',
      'the network that times are made for: local, lan or wan (default: local, with --open or a key lan)',
    )
    .option('--detect-within <time>', 'instead: how soon a silent host is to be known, such as 2s')
    .option('--port <port>', 'first node port to try, UDP and TCP (default: 7472)')
    .option('--http <where>', 'where HTTP listens: PORT, HOST:PORT or off (default: 127.0.0.1:7471)')
    .option('--dns <where>', 'where names are answered by DNS: PORT, HOST:PORT or off (default: 7473 on loopback)')
    .option(
      '--socket <path>',
      "the Unix socket for programs and the command line (default: root's /run/fogata/agent.sock, else the user's own)",
    )
    .option(
      '--data <directory>',
      "what must outlive the process (default: root's /var/lib/fogata, else the user's own)",
    )
    .option('--config <file>', 'the same settings as YAML; the command line wins (default: FOGATA_CONFIG, else none)')
    .option('--ready-fd <number>', 'write READY=1 to this open file once it is up')
    .option('--print-schema', 'print the JSON Schema of the configuration file, and end')
    .addHelpText('after', help)
    .action((options: UpOptions, command: Command) => runVerb(command, (context) => up(context, options)));
}

async function up(context: VerbContext, options: UpOptions): Promise<number> {
  if (options.printSchema === true) {
    const { configJsonSchema } = await import('../agent/config-schema.ts');
    context.print(JSON.stringify(configJsonSchema(), null, 2));
    return ExitCode.good;
  }
  try {
    return await run(context, options);
  } catch (error) {
    // A configuration has a line for each thing that is wrong with it, and editors know how to read them.
    const failure = FogataError.from(error);
    if (failure.code !== 'config' || context.json) throw failure;
    for (const line of failure.message.split('\n')) context.note(showLine(line, 500));
    return exitCodeOf(failure);
  }
}

async function run(context: VerbContext, { readyFd, printSchema: _, ...flags }: UpOptions): Promise<number> {
  const { readyDescriptor, tellDescriptor, tellSystemd } = await import('./tell-ready.ts');
  const ready = readyFd === undefined ? undefined : readyDescriptor(readyFd);
  const { systemSurroundings } = await import('../agent/resolve-config.ts');
  const { loadConfig } = await import('../agent/load-config.ts');
  const config = await loadConfig(flags, systemSurroundings());
  const { createPinoLog } = await import('../agent/pino-log.ts');
  const log = await createPinoLog(config.log, process.stderr.isTTY);
  const { runAgent } = await import('../agent/run-agent.ts');
  const { collectAsDaemon } = await import('../runtime/collect-as-daemon.ts');
  collectAsDaemon();
  const stopped = stopSignal();
  outliveOutput();
  const agent = await runAgent(config, log);
  sayReady(context, agent);
  if (ready !== undefined) tellDescriptor(ready);
  tellSystemd(process.env, (reason) => log.warn('systemd was not told', { reason }));
  log.debug('stopping', { signal: await Promise.race([stopped, agent.failed]) });
  await agent.stop();
  return ExitCode.good;
}

function sayReady(context: VerbContext, agent: LastingAgent): void {
  const status = agent.status();
  if (context.json) {
    const { id, name, cluster, posture, port } = status;
    const { http, dns, socket, data } = status.agent;
    context.printJson({ ready: true, id, name, cluster, posture, port, http, dns, socket, data });
    return;
  }
  context.print(readyLine(context, status));
  if (status.posture !== 'open') return;
  const { yellow } = context.paint;
  context.print(yellow(`WARNING: "${status.cluster}" is open: everybody on the LAN can read and forge its messages`));
}

function readyLine({ paint }: VerbContext, { name, cluster, port, posture, agent }: AgentStatus): string {
  const { bold, dim } = paint;
  const http = agent.http === null ? 'no http' : `http://${agent.http}`;
  const reach = { loopback: 'this host only', open: 'open on the LAN', sealed: 'sealed' }[posture];
  const dns = agent.dns === null ? 'no dns' : `dns ${agent.dns}`;
  const facts = [`node port ${port}`, http, dns, agent.socket, reach];
  return `${bold(name)} of cluster ${bold(cluster)} is up ${dim(`· ${facts.join(' · ')}`)}`;
}
