import { type Command, Option } from 'commander';
import { FogataError } from '../protocol/fogata-error.ts';
import { checkAddress } from './address-argument.ts';
import type { ForwardEvent } from './forward-port.ts';
import { showBytes } from './show-bytes.ts';
import { showLine } from './show-text.ts';
import { stopCode } from './stop-signal.ts';
import { type StrategyFlags, stickyText, strategyOptionsOf, strategyText } from './strategy-arguments.ts';
import { runVerb, type VerbContext } from './verb-context.ts';

interface ForwardFlags extends StrategyFlags {
  readonly bind: string;
}

const bindDefault = '127.0.0.1';

export function registerForward(program: Command): void {
  program
    .command('forward')
    .description('make a local TCP port that leads to a service')
    .argument('<port>', 'the port on this host; 0 takes one that is free')
    .argument(
      '<address>',
      'where it leads: postgres, postgres@db1, or postgres[role=primary] for those with that label',
    )
    .addOption(new Option('--bind <address>', 'listen there instead').default(bindDefault, bindDefault))
    .option('--strategy <name>', strategyText)
    .option('--sticky <key>', stickyText)
    .addHelpText('after', help)
    .action((port: string, address: string, flags: ForwardFlags, command: Command) =>
      runVerb(command, (context) => forward(context, port, address, flags)),
    );
}

const help = `
Each connection goes to the instance that is best when it begins. One whose instance dies is reset, and the next goes to
another. On the other side:  fogata up --serve postgres=tcp://127.0.0.1:5432

Examples:
  fogata forward 5432 postgres
  psql -h 127.0.0.1
  fogata forward 6379 'redis[zone=a]' --strategy nearest`;

async function forward(context: VerbContext, portText: string, address: string, flags: ForwardFlags): Promise<number> {
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : 65_536;
  if (port > 65_535)
    throw new FogataError('invalid', `a port is a number from 0 to 65535, found ${JSON.stringify(portText)}`);
  checkAddress(address);
  // To Node it would be all addresses, and it is what a variable leaves that was never set.
  if (flags.bind === '') throw new FogataError('invalid', '--bind: expected an address of this host, found ""');
  const choice = strategyOptionsOf(flags);
  const { forwardPort } = await import('./forward-port.ts');
  const stopped = stopCode();
  const mesh = await context.mesh();
  const onEvent = (event: ForwardEvent): void => {
    if (context.json) context.printJson(event);
    else context.note(eventLine(event, context));
  };
  const forwarded = await forwardPort({ mesh, address, choice, bind: flags.bind, port, onEvent });
  if (context.json) {
    context.printJson({ type: 'listening', address: forwarded.address, port: forwarded.port, to: address });
  } else {
    const { bold, dim } = context.errorPaint;
    const here = forwarded.address.includes(':') ? `[${forwarded.address}]` : forwarded.address;
    context.note(`${bold(`${here}:${forwarded.port}`)} leads to ${bold(address)} ${dim('· ctrl-C ends it')}`);
    const isLocal = /^127\.|^::1$/.test(forwarded.address);
    if (!isLocal) context.note(context.errorPaint.yellow(`whoever reaches this host reaches ${address}`));
  }
  const code = await stopped;
  forwarded.close();
  return code;
}

function eventLine(event: ForwardEvent, { errorPaint: paint }: VerbContext): string {
  const id = paint.dim(`#${event.id}`);
  if (event.type === 'opened') {
    const { service, node } = event.instance;
    return `${id} ${event.from} ${paint.green('to')} ${paint.bold(`${service}@${node}`)}`;
  }
  if (event.type === 'failed') return `${id} ${event.from} ${paint.red(event.code)}: ${showLine(event.reason)}`;
  const bytes = paint.dim(`${showBytes(event.sentBytes)} sent, ${showBytes(event.receivedBytes)} received`);
  if (event.code === undefined) return `${id} closed ${bytes}`;
  return `${id} ${paint.red(event.code)}: ${showLine(event.reason ?? '')} ${bytes}`;
}
