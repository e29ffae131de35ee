#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { FogataError } from '../protocol/fogata-error.ts';
import { errorJson } from './error-json.ts';
import { ExitCode } from './exit-code.ts';
import { endWithOutput } from './output-errors.ts';
import { verbs } from './verbs.ts';

/** Options of the program that take a value: what follows them is no verb. */
const optionsWithValue = ['--agent'];

const start = `
Start here:  fogata demo     and then, on each host:  fogata up`;

/** Of every verb. */
const exitCodes = `
Exit codes: 0 good, 1 the outcome was not, 2 wrong usage, 3 no agent, 130 interrupted.`;

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** What is wrong with the words themselves, in one line, or as JSON. */
function usageText(text: string, json: boolean): string {
  const line = text
    .replace(/^error: /, '')
    .replace(/\n\(/, ' (')
    .trimEnd();
  return json ? `${errorJson(new FogataError('invalid', line))}\n` : `fogata: ${line}\n`;
}

function createProgram(json: boolean): Command {
  return new Command('fogata')
    .description('Services find each other and get each message to the right one, with no server in the middle.')
    .usage('[options] VERB')
    .option('--agent <where>', "the agent's socket or http://HOST:PORT (default: FOGATA_AGENT, else this host's)")
    .option('--json', 'answer in JSON, for programs')
    .option('--no-color', 'no colours; NO_COLOR does the same')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .showSuggestionAfterError(true)
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      // Only help that nobody asked for comes here: of a verb that is not whole.
      writeErr: (help) => void (json || process.stderr.write(help)),
      outputError: (text) => void process.stderr.write(usageText(text, json)),
    })
    .exitOverride()
    .addHelpText('after', start)
    .addHelpText('afterAll', exitCodes);
}

/** The first word that is neither an option nor an option's value. */
function verbOf(words: readonly string[]): string | undefined {
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? '';
    if (!word.startsWith('-')) return word;
    if (optionsWithValue.includes(word)) i += 1;
  }
  return undefined;
}

/** `fogata help call` is `fogata call --help`. */
function withoutHelpVerb(words: readonly string[]): readonly string[] {
  return words[0] === 'help' ? [...words.slice(1), '--help'] : words;
}

/** Only the verb that is meant is loaded; the others are known by name, so that a slip of the finger can be told. */
async function registerVerbs(program: Command, wanted: string | undefined): Promise<void> {
  for (const verb of verbs) {
    if (verb.name === wanted) (await verb.load())(program);
    else program.command(verb.name).helpGroup(verb.group).description(verb.summary);
  }
}

async function run(words: readonly string[], json: boolean): Promise<void> {
  const program = createProgram(json);
  const verb = verbOf(words);
  if (verb === 'complete') {
    const { complete } = await import('./complete.ts');
    await complete(program, words);
    return;
  }
  await registerVerbs(program, verb);
  if (words.length === 0) program.outputHelp();
  else await program.parseAsync(words, { from: 'user' });
}

const words = withoutHelpVerb(process.argv.slice(2));
const json = words.includes('--json');
endWithOutput(json);
try {
  await run(words, json);
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? ExitCode.good : ExitCode.usage;
  if (json && error.code === 'commander.help') process.stderr.write(usageText('a verb is missing: see --help', json));
}
