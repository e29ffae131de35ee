import type { Command } from 'commander';
import type { Params } from '../api/outcome.ts';
import { messageJson } from '../api/outcome-json.ts';
import type { Message, Reply } from '../api/serve.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { checkName } from '../protocol/names.ts';
import { fileErrorText } from '../runtime/system-error.ts';
import { ExitCode } from './exit-code.ts';
import { checkListenFlags, type ListenFlags } from './listen-flags.ts';
import { paramsOf } from './message-arguments.ts';
import { showLine } from './show-text.ts';
import { stopCode } from './stop-signal.ts';
import { runVerb, type VerbContext } from './verb-context.ts';

const jobsDefault = 8;

const gather = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value];

export function registerListen(program: Command): void {
  program
    .command('listen')
    .description('become an instance of a service: print its messages, and answer them')
    .argument('<service>', 'the service, such as crm')
    .option('--reply <name=value>', 'answer calls with this parameter (may be repeated)', gather)
    .option('--exec <command>', 'run a shell command for each message; its output is the reply')
    .option('--jobs <count>', 'with --exec: so many at once, more are refused as busy (default: 8)')
    .option('--count <count>', 'end after so many messages (default: never)')
    .option('--save <directory>', 'take the files that others push, and save them there')
    .option('--overwrite', 'with --save: replace files of the same name (default: the next free name)')
    .addHelpText('after', execHelp)
    .action((service: string, flags: ListenFlags, command: Command) =>
      runVerb(command, (context) => listen(context, service, flags)),
    );
}

const execHelp = `
The command of --exec finds the message in its environment (FOGATA_ID, FOGATA_COMMAND, FOGATA_SERVICE, FOGATA_FROM_NODE,
FOGATA_FROM_SERVICE, FOGATA_PARAM_NAME for a parameter "name") and the body on standard input. What it prints is the body
of the reply; exit code 0 is an answer, any other a refusal with the last line of its standard error as the reason.

A file that is pushed to it has its name only once it is whole, verified and synced; until then it is .NAME.….part, and a
broken push goes on there.

Examples:
  fogata listen crm --reply status=ok
  fogata listen clock --exec 'date +%T'
  fogata call clock now
  fogata listen inbox --save incoming
  fogata push backup.tar inbox`;

async function listen(context: VerbContext, service: string, flags: ListenFlags): Promise<number> {
  checkListenFlags(flags);
  const wrong = checkName(service);
  if (wrong !== undefined) throw new FogataError('invalid', `service: ${wrong}`);
  const reply: Params = paramsOf(flags.reply ?? []);
  const countMax = flags.count === undefined ? Number.POSITIVE_INFINITY : countOf('--count', flags.count);
  const jobs = flags.jobs === undefined ? jobsDefault : countOf('--jobs', flags.jobs);
  const run = flags.exec === undefined ? undefined : await runnerFor(flags.exec);
  const onStream = flags.save === undefined ? undefined : await saverTo(flags.save, flags, context);
  const show = await presenter(context);
  const stopped = stopCode();
  const mesh = await context.mesh();
  let count = 0;
  let onCounted = (_code: number): void => {};
  const counted = new Promise<number>((resolve) => {
    onCounted = resolve;
  });
  const handle = async (message: Message): Promise<Reply> => {
    if (count >= countMax) throw new FogataError('draining', `this instance ends after ${countMax} messages`);
    count += 1;
    show(message);
    if (count === countMax) onCounted(ExitCode.good);
    return run === undefined ? { params: reply } : run(message);
  };
  const registration = await mesh.serve(service, handle, {
    ...(run === undefined ? {} : { inFlightMax: jobs }),
    onMissed: (missed) => showMissed(context, missed),
    ...(onStream === undefined ? {} : { onStream }),
  });
  if (!context.json) {
    const { bold, dim } = context.errorPaint;
    context.note(`${bold(`${service}@${mesh.self.name}`)} is listening ${dim('· ctrl-C ends it')}`);
  }
  const code = await Promise.race([stopped, counted]);
  await registration.withdraw();
  return code;
}

function showMissed(context: VerbContext, count: number | undefined): void {
  if (context.json) context.printJson({ type: 'missed', count: count ?? null });
  else if (count === undefined)
    context.note(context.errorPaint.yellow('the agent was away: messages may have been missed'));
  else
    context.note(context.errorPaint.yellow(`${count} messages were refused as busy: this instance does not keep up`));
}

async function saverTo(directory: string, { overwrite = false }: ListenFlags, context: VerbContext) {
  await checkDirectory(directory);
  const { saveFiles } = await import('../files/save-files.ts');
  const { savePresenter } = await import('./save-presenter.ts');
  return saveFiles(directory, { overwrite, onEvent: await savePresenter(context) });
}

/** Now, not with the first file. */
async function checkDirectory(directory: string): Promise<void> {
  const { access, constants } = await import('node:fs/promises');
  const { makeDirectory } = await import('../runtime/make-directory.ts');
  try {
    await makeDirectory(directory);
    await access(directory, constants.W_OK);
  } catch (error) {
    throw new FogataError('config', `--save: nothing can be written to ${directory}: ${fileErrorText(error)}`);
  }
}

async function runnerFor(command: string): Promise<(message: Message) => Promise<Reply>> {
  const { commandRunner } = await import('./run-command.ts');
  return commandRunner(command);
}

async function presenter(context: VerbContext): Promise<(message: Message) => void> {
  if (context.json) return (message) => context.printJson(messageJson(message));
  const { systemClock } = await import('../runtime/system-clock.ts');
  const clock = systemClock();
  return (message) => context.print(messageLine(message, new Date(clock.wallTime()), context));
}

function messageLine(message: Message, at: Date, { paint }: VerbContext): string {
  const { command, params, body, from, replyWanted } = message;
  const who = from.service === '' ? from.node : `${from.service}@${from.node}`;
  const shown = Object.entries(params).map(
    ([name, value]) => `${paint.cyan(showLine(name, 60))}=${showLine(value, 80)}`,
  );
  const text = bodyText(body);
  return [
    paint.dim(at.toTimeString().slice(0, 8)),
    paint.bold(command),
    ...shown,
    ...(text === '' ? [] : [text]),
    paint.dim(`${replyWanted ? 'from' : 'one way from'} ${who}`),
  ].join(' ');
}

function bodyText(body: Message['body']): string {
  if (body === undefined) return '';
  if (body instanceof Uint8Array) return `(${body.length} bytes)`;
  return showLine(JSON.stringify(body), 200);
}

function countOf(option: string, text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (count >= 1 && count <= 65_536) return count;
  throw new FogataError('invalid', `${option} is a whole number from 1 to 65536, found ${JSON.stringify(text)}`);
}
